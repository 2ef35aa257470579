using BenchmarkDotNet.Attributes;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>What follows the filter: DCT, median and bits, quality.</summary>
[MemoryDiagnoser]
public unsafe class BlockBenchmarks
{
    private readonly float[] _block = new float[64 * 64];
    private readonly float[] _coefficients = new float[256];
    private VectorWidth _vectors;

    /// <summary>A <see cref="VectorWidth"/>, which is internal.</summary>
    [Params("Scalar", "V128", "V256", "V512")]
    public string Width { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _vectors = Enum.Parse<VectorWidth>(Width);
        Random random = new(1);
        foreach (ref float sample in _block.AsSpan())
        {
            sample = random.NextSingle() * 255;
        }

        Transform();
    }

    [Benchmark]
    public void Transform()
    {
        fixed (float* block = _block, coefficients = _coefficients)
        {
            Dct64To16.Transform(block, coefficients, _vectors);
        }
    }

    [Benchmark]
    public PdqHash MedianAndBits()
    {
        fixed (float* coefficients = _coefficients)
        {
            return CoefficientBits.Hash(coefficients, _vectors);
        }
    }

    [Benchmark]
    public int Quality()
    {
        fixed (float* block = _block)
        {
            return BlockQuality.Of(block, _vectors);
        }
    }
}
