using BenchmarkDotNet.Attributes;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>A row of 4000 pixels to luma.</summary>
[MemoryDiagnoser]
public class LumaConversionBenchmarks
{
    private readonly byte[] _row = new byte[4 * 4000];
    private readonly float[] _luma = new float[4000];

    /// <summary>A <see cref="VectorWidth"/>, which is internal.</summary>
    [Params("Scalar", "V128", "V256", "V512")]
    public string Width { get; set; } = "";

    private VectorWidth Vectors => Enum.Parse<VectorWidth>(Width);

    [GlobalSetup]
    public void SetUp() => new Random(1).NextBytes(_row);

    [Benchmark]
    public void FromRgb() => LumaConversion.FromRgb(_row, _luma, Vectors);

    [Benchmark]
    public void FromRgba() => LumaConversion.FromRgba(_row, _luma, Vectors);

    [Benchmark]
    public void FromGrey() => LumaConversion.FromGrey(_row, _luma, Vectors);
}
