using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>What precedes the DCT: the reference's filter of 512x512, the folded filter's loops, alpha.</summary>
[MemoryDiagnoser]
public unsafe class FilterBenchmarks
{
    private const int Side = 512;

    private readonly float* _pixels = (float*)NativeMemory.AlignedAlloc(Side * Side * sizeof(float), 64);
    private readonly float* _sums = (float*)NativeMemory.AlignedAlloc((Side + 64) * sizeof(float), 64);
    private readonly float* _block = (float*)NativeMemory.AlignedAlloc(64 * 64 * sizeof(float), 64);
    private readonly float[] _luma = new float[Side];
    private readonly float[] _overBlack = new float[Side];
    private readonly float[] _overWhite = new float[Side];
    private readonly byte[] _alpha = new byte[Side];
    private readonly TentKernel _kernel = TentKernel.For(Side, Side, 1);
    private VectorWidth _vectors;

    /// <summary>A <see cref="VectorWidth"/>, which is internal.</summary>
    [Params("Scalar", "V128", "V256", "V512")]
    public string Width { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _vectors = Enum.Parse<VectorWidth>(Width);
        Random random = new(1);
        for (int i = 0; i < Side * Side; i++)
        {
            _pixels[i] = random.Next(256);
        }

        new Span<float>(_sums, Side + 64).Clear();
        random.NextBytes(_alpha);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        NativeMemory.AlignedFree(_pixels);
        NativeMemory.AlignedFree(_sums);
        NativeMemory.AlignedFree(_block);
    }

    [Benchmark]
    public void ReferenceFilter() => JaroszFilter.Decimate(_pixels, Side, Side, _block, _vectors);

    /// <summary>A weight so small that the sums stay finite.</summary>
    [Benchmark]
    public void AddRow() => TentFilter.AddRow(_sums, _pixels, 1e-9f, Side, _vectors);

    [Benchmark]
    public void ReduceLine() => TentFilter.Reduce(_sums, _kernel, _block, _vectors);

    [Benchmark]
    public void AlphaOverBoth() => AlphaBlend.OverBoth(_luma, _alpha, _overBlack, _overWhite, _vectors);
}
