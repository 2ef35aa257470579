
namespace HashMatch.Imaging.Png;

/// <summary>
/// Inflates and unfilters a PNG's rows (W3C PNG, sections 7.3 and 9). A row, the one above it and the window of the
/// compression are all that exists of the picture, and they are zeroed when it is over.
/// </summary>
internal sealed class PngRows : IDisposable
{
    private readonly Inflater _inflater;
    private readonly int _rowBytes;
    private readonly int _pixelBytes;
    private byte[] _row;
    private byte[] _above;

    /// <param name="preamble">Shape of the rows.</param>
    /// <param name="image">The file.</param>
    /// <param name="cancellation">Looked at every 96 KiB of rows or more often.</param>
    public PngRows(PngPreamble preamble, ReadOnlyMemory<byte> image, CancellationToken cancellation)
    {
        _rowBytes = preamble.RowBytes;
        _pixelBytes = Math.Max(1, preamble.Channels * preamble.Depth / 8);
        _inflater = new Inflater(
            new ImageDataReader(image, preamble.DataStart),
            (_rowBytes + 1L) * preamble.Height,
            _rowBytes + 1,
            cancellation);
        _row = ScrubbedArrays<byte>.Rent(_rowBytes);
        _above = ScrubbedArrays<byte>.Rent(_rowBytes);
        _row.AsSpan(0, _rowBytes).Clear();
    }

    /// <summary>The next row, without its filter.</summary>
    /// <param name="row">Stays until the next call.</param>
    /// <returns>Ok, Truncated, Corrupt or TimedOut.</returns>
    public CodecResult TryNext(out ReadOnlySpan<byte> row)
    {
        row = default;
        InflateStatus status = _inflater.TryTake(_rowBytes + 1, out ReadOnlySpan<byte> line);
        if (status != InflateStatus.Ok)
        {
            return Result(status);
        }

        (_row, _above) = (_above, _row);
        Span<byte> next = _row.AsSpan(0, _rowBytes);
        if (!RowFilter.TryUndo(line[0], line[1..], _above.AsSpan(0, _rowBytes), next, _pixelBytes))
        {
            return new CodecResult(DecodeStatus.Corrupt, "A row of the PNG has a filter that does not exist.");
        }

        row = next;
        return CodecResult.Ok;
    }

    /// <summary>What is behind the last row: the checksum must be right.</summary>
    public CodecResult Finish() => Result(_inflater.Finish());

    public void Dispose()
    {
        _inflater.Dispose();
        ScrubbedArrays<byte>.Return(_row);
        ScrubbedArrays<byte>.Return(_above);
    }

    private static CodecResult Result(InflateStatus status) => status switch
    {
        InflateStatus.Ok => CodecResult.Ok,
        InflateStatus.Truncated => new(DecodeStatus.Truncated, "The PNG ends before its pixels do."),
        InflateStatus.Cancelled => PngDecoder.TimedOut,
        _ => new(DecodeStatus.Corrupt, "The PNG's compressed pixels are broken."),
    };
}
