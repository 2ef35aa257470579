using BenchmarkDotNet.Attributes;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>Sixteen JPEG blocks to samples, by how much is left of them.</summary>
[MemoryDiagnoser]
public class BlockTransformBenchmarks
{
    private readonly int[] _source = new int[64 * BlockTransform.Lanes];
    private readonly int[] _coefficients = new int[64 * BlockTransform.Lanes];
    private readonly float[] _rows = new float[64 * BlockTransform.Lanes];
    private Reduction _reduction = Reduction.Of(1);
    private VectorWidth _vectors;

    /// <summary>A <see cref="VectorWidth"/>, which is internal.</summary>
    [Params("Scalar", "V128", "V256", "V512")]
    public string Width { get; set; } = "";

    [Params(1, 2, 4, 8)]
    public int Factor { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _vectors = Enum.Parse<VectorWidth>(Width);
        _reduction = Reduction.Of(Factor);
        Random random = new(1);
        foreach (ref int coefficient in _source.AsSpan())
        {
            coefficient = random.Next(-64, 64);
        }
    }

    /// <summary>With a copy, since coefficients are overwritten.</summary>
    [Benchmark]
    public void ToRows()
    {
        _source.CopyTo(_coefficients, 0);
        BlockTransform.ToRows(_coefficients, _reduction, _rows, _reduction.Side * BlockTransform.Lanes, _vectors);
    }
}
