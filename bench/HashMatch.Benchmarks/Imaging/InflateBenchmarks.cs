using System.Buffers.Binary;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using HashMatch.Imaging.Png;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>What a picture of 512x512 was deflated to, inflated: here and by the zlib that .NET carries.</summary>
[MemoryDiagnoser]
public class InflateBenchmarks
{
    private const int Side = 512;
    private const int RowBytes = 3 * Side;

    private readonly byte[] _row = new byte[RowBytes];
    private byte[] _stream = [];
    private byte[] _chunk = [];

    [GlobalSetup]
    public void SetUp()
    {
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(NoisePictures.Rgb(Side, Side, 1));
        }

        // An IDAT chunk: length, type, data, a checksum that the inflater leaves alone.
        _stream = deflated.ToArray();
        _chunk = new byte[_stream.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(_chunk, _stream.Length);
        "IDAT"u8.CopyTo(_chunk.AsSpan(4));
        _stream.CopyTo(_chunk, 8);
    }

    [Benchmark(Baseline = true)]
    public int Inflate()
    {
        using var inflater = new Inflater(
            new ImageDataReader(_chunk, 0), Side * RowBytes, RowBytes, CancellationToken.None);
        int rows = 0;
        while (rows < Side && inflater.TryTake(RowBytes, out _) == InflateStatus.Ok)
        {
            rows++;
        }

        return rows == Side ? rows : throw new InvalidOperationException($"{rows} rows were inflated.");
    }

    [Benchmark]
    public int ZlibOfDotNet()
    {
        using var zlib = new ZLibStream(new MemoryStream(_stream), CompressionMode.Decompress);
        for (int row = 0; row < Side; row++)
        {
            zlib.ReadExactly(_row);
        }

        return Side;
    }
}
