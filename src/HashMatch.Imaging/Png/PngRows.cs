using System.Buffers;
using System.IO.Compression;

namespace HashMatch.Imaging.Png;

/// <summary>
/// Inflates and unfilters a PNG's rows a strip at a time (W3C PNG, sections 7.3 and 9): the row above and as many rows
/// as fit into the cache are all that exists of the picture, and they are zeroed when it is over.
/// </summary>
internal sealed class PngRows : IDisposable
{
    // zlib is fastest when it may write much at once; a strip stays in the second-level cache.
    private const int StripBytes = 64 * 1024;

    private readonly ImageDataStream _data;
    private readonly ZLibStream _zlib;
    private readonly byte[] _buffer;
    private readonly int _lineBytes;
    private readonly int _pixelBytes;
    private readonly int _linesAtOnce;
    private int _linesLeft;
    private int _filled;
    private int _line;

    /// <param name="preamble">Shape of the rows.</param>
    /// <param name="data">The rows, compressed; disposed of with this object.</param>
    public PngRows(PngPreamble preamble, ImageDataStream data)
    {
        _data = data;
        _zlib = new ZLibStream(data, CompressionMode.Decompress);
        _lineBytes = preamble.RowBytes + 1;
        _pixelBytes = Math.Max(1, preamble.Channels * preamble.Depth / 8);
        _linesLeft = preamble.Height;
        _linesAtOnce = Math.Clamp(StripBytes / _lineBytes, 1, preamble.Height);

        // Line 0 is the last of the strip before; above the first row all is zero.
        _buffer = ArrayPool<byte>.Shared.Rent((_linesAtOnce + 1) * _lineBytes);
        Line(0).Clear();
    }

    /// <summary>Inflates the next strip.</summary>
    /// <param name="rowCount">Rows that <see cref="TryNext"/> then has; 0 when the last strip was the last.</param>
    public CodecResult Fill(out int rowCount)
    {
        Line(_line).CopyTo(Line(0));
        rowCount = Math.Min(_linesAtOnce, _linesLeft);
        (_line, _filled) = (0, rowCount);
        _linesLeft -= rowCount;
        return rowCount > 0 ? Inflate(_buffer.AsSpan(_lineBytes, rowCount * _lineBytes)) : InflateEnd();
    }

    /// <summary>The next row of the strip, unfiltered, its filter byte left out.</summary>
    /// <returns>False for a filter that does not exist.</returns>
    public bool TryNext(out ReadOnlySpan<byte> row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_line, _filled, "strip");
        ReadOnlySpan<byte> above = Line(_line)[1..];
        Span<byte> line = Line(++_line);
        row = line[1..];
        return RowFilter.TryUndo(line[0], line[1..], above, _pixelBytes);
    }

    public void Dispose()
    {
        _data.Forget();
        _zlib.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
    }

    private Span<byte> Line(int line) => _buffer.AsSpan(line * _lineBytes, _lineBytes);

    private CodecResult Inflate(Span<byte> strip)
    {
        while (!strip.IsEmpty)
        {
            int count = TryRead(strip, out CodecResult result);
            if (result.Status != DecodeStatus.Ok)
            {
                return result;
            }

            if (count == 0)
            {
                return new CodecResult(DecodeStatus.Truncated, "The PNG has fewer pixels than it says.");
            }

            strip = strip[count..];
        }

        return CodecResult.Ok;
    }

    // zlib checks its checksum when it is asked for what is behind the last row. More data than rows are no error:
    // viewers show such a file.
    private CodecResult InflateEnd()
    {
        _ = TryRead(_buffer.AsSpan(0, 1), out CodecResult result);
        return result;
    }

    private int TryRead(Span<byte> destination, out CodecResult result)
    {
        try
        {
            int count = _zlib.Read(destination);
            result = CodecResult.Ok;
            return count;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            result = _data.HasEnded
                ? new CodecResult(DecodeStatus.Truncated, "The PNG ends before its pixels do.")
                : new CodecResult(DecodeStatus.Corrupt, "The PNG's compressed pixels are broken.");
            return 0;
        }
    }
}
