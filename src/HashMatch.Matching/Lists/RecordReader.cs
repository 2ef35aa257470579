namespace HashMatch.Matching.Lists;

/// <summary>
/// Cuts a stream into records: physical lines, or CSV records that may span lines within quotes. Holds one buffer,
/// however large the stream is and however long its lines are.
/// </summary>
internal sealed class RecordReader(Stream stream, int maxRecordBytes)
{
    /// <summary>Bytes of the longest record.</summary>
    public const int DefaultMaxRecordBytes = 64 * 1024;

    private const byte Quote = (byte)'"';
    private const byte LineFeed = (byte)'\n';

    private readonly Stream _stream = stream;
    private readonly int _maxRecordBytes = maxRecordBytes;
    private readonly byte[] _buffer = new byte[Math.Max(4 * maxRecordBytes, 256 * 1024)];
    private int _start;
    private int _end;
    private bool _atEnd;

    // Within a line that is too long: its rest is passed over.
    private bool _skipping;
    private long _line = 1;

    /// <summary>What stands between the fields of a CSV record.</summary>
    public byte Separator { get; init; } = (byte)',';

    /// <summary>Whether quotes can hold line ends.</summary>
    public bool Quoted { get; set; }

    /// <summary>Reads more of the stream.</summary>
    public async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (!_atEnd && _end < _buffer.Length)
        {
            int read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            _atEnd = read == 0;
            _end += read;
        }
    }

    /// <summary>The bytes that are in memory and not taken.</summary>
    public ReadOnlySpan<byte> Ahead => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Passes over bytes that are no part of a record, such as a byte order mark.</summary>
    public void Skip(int bytes) => _start += bytes;

    /// <summary>Takes the next record.</summary>
    /// <param name="record">Without its line end.</param>
    /// <param name="line">The first physical line of it, from 1.</param>
    public RecordStatus TryRead(out ReadOnlySpan<byte> record, out long line)
    {
        record = default;
        line = _line;
        if (_skipping && !SkipLine())
        {
            return _atEnd ? RecordStatus.End : RecordStatus.NeedsMore;
        }

        line = _line;
        ReadOnlySpan<byte> ahead = Ahead;
        if (ahead.IsEmpty && _atEnd)
        {
            return RecordStatus.End;
        }

        int feed = ahead.IndexOf(LineFeed);
        int length = feed >= 0 ? feed : ahead.Length;
        if (Quoted && ahead[..length].Contains(Quote))
        {
            length = QuotedLength(ahead, length);
        }
        else if (feed < 0 && !_atEnd)
        {
            length = -1;
        }

        if (length > _maxRecordBytes || (length < 0 && ahead.Length > _maxRecordBytes))
        {
            return TakeTooLong(ahead, feed);
        }

        if (length < 0)
        {
            return RecordStatus.NeedsMore;
        }

        record = TakeRecord(ahead, length);
        return RecordStatus.Record;
    }

    /// <summary>
    /// Goes back to the second physical line of the record taken last: its quotes cannot be trusted, but what
    /// follows may be good.
    /// </summary>
    /// <param name="record">As it was taken.</param>
    /// <param name="line">Its first physical line.</param>
    public void Resync(ReadOnlySpan<byte> record, long line)
    {
        int feed = record.IndexOf(LineFeed);
        if (feed >= 0 && record.Overlaps(_buffer, out int offset))
        {
            _start = -offset + feed + 1;
            _line = line + 1;
        }
    }

    // The record's length when its quotes close; its first line's when they never do; -1 when more must be read.
    private int QuotedLength(ReadOnlySpan<byte> ahead, int firstLine)
    {
        bool inside = false;
        int limit = Math.Min(ahead.Length, _maxRecordBytes + 1);
        for (int i = 0; i < limit; i++)
        {
            byte c = ahead[i];
            if (c == LineFeed && !inside)
            {
                return i;
            }

            if (c == Quote)
            {
                // Opens at the start of a field only; a pair within quotes closes and opens again.
                inside = !inside && (i == 0 || ahead[i - 1] == Separator || ahead[i - 1] == Quote);
            }
        }

        return !inside && _atEnd && limit == ahead.Length ? ahead.Length
            : limit == ahead.Length && !_atEnd ? -1
            : firstLine;
    }

    private RecordStatus TakeTooLong(ReadOnlySpan<byte> ahead, int feed)
    {
        if (feed >= 0)
        {
            TakeRecord(ahead, feed);
        }
        else
        {
            _start = _end;
            _skipping = !_atEnd;
        }

        return RecordStatus.TooLong;
    }

    private ReadOnlySpan<byte> TakeRecord(ReadOnlySpan<byte> ahead, int length)
    {
        _line += ahead[..length].Count(LineFeed) + 1;
        _start += Math.Min(length + 1, ahead.Length);
        ReadOnlySpan<byte> record = ahead[..length];
        return record.EndsWith("\r"u8) ? record[..^1] : record;
    }

    private bool SkipLine()
    {
        int feed = Ahead.IndexOf(LineFeed);
        _start = feed < 0 ? _end : _start + feed + 1;
        if (feed < 0)
        {
            return false;
        }

        _skipping = false;
        _line++;
        return true;
    }
}
