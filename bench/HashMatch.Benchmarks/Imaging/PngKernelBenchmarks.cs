using BenchmarkDotNet.Attributes;
using HashMatch.Imaging.Png;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>A row of 4,000 RGB pixels unfiltered, and zlib's checksum of it, by vectors and by scalar.</summary>
[MemoryDiagnoser]
public class PngKernelBenchmarks
{
    private const int PixelBytes = 3;

    private readonly byte[] _filtered = new byte[4000 * PixelBytes];
    private readonly byte[] _above = new byte[4000 * PixelBytes];
    private readonly byte[] _row = new byte[4000 * PixelBytes];

    [Params(false, true)]
    public bool IsVectored { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        random.NextBytes(_filtered);
        random.NextBytes(_above);
    }

    [Benchmark]
    public bool Sub() => Undo(1);

    [Benchmark]
    public bool Up() => Undo(2);

    [Benchmark]
    public bool Average() => Undo(3);

    [Benchmark]
    public bool Paeth() => Undo(4);

    [Benchmark]
    public uint Checksum() => Adler32.Append(1, _filtered, IsVectored);

    private bool Undo(byte filter) =>
        RowFilter.TryUndo(filter, _filtered, _above, _row, PixelBytes, IsVectored);
}
