
namespace HashMatch.Imaging.Png;

/// <summary>
/// Inflates a zlib stream that lies in consecutive IDAT chunks (RFC 1950, RFC 1951) into a window that slides over the
/// output; it holds the last 32 KiB, which copies reach back to, and what has not been taken. Bits wait in an integer
/// of 64, the next one lowest.
/// </summary>
internal sealed partial class Inflater : IDisposable
{
    // Output between slides: with the history it stays in the second-level cache.
    private const int StrideBytes = 96 * 1024;
    private const int HistoryBytes = 32 * 1024;

    // The longest copy, three literals, and what vectors write too much.
    private const int SlackBytes = 258 + 62;

    private const int SurplusBytes = 1024;

    private readonly CancellationToken _cancellation;
    private readonly byte[] _window;
    private readonly int _windowEnd;
    private readonly DeflateTables _tables = new();
    private ImageDataReader _input;
    private ulong _bits;
    private int _bitCount;
    private BlockState _state = BlockState.ZlibHeader;
    private HuffmanTable _symbols;
    private HuffmanTable _distances;
    private bool _isLastBlock;
    private int _storedLeft;
    private int _read;
    private int _written;
    private long _due;
    private uint _checksum = 1;

    /// <param name="input">Where the compressed bytes lie.</param>
    /// <param name="outputBytes">Bytes that will be taken.</param>
    /// <param name="mostAtOnce">Most bytes of one <see cref="TryTake"/>.</param>
    /// <param name="cancellation">Looked at between blocks, and between pieces of 96 KiB of output.</param>
    public Inflater(ImageDataReader input, long outputBytes, int mostAtOnce, CancellationToken cancellation)
    {
        _input = input;
        _cancellation = cancellation;

        _due = outputBytes + SurplusBytes;
        _windowEnd = (int)Math.Min(_due, HistoryBytes + Math.Max(StrideBytes, mostAtOnce));
        _window = ScrubbedArrays<byte>.Rent(_windowEnd + SlackBytes);
        _symbols = _tables.Symbols;
        _distances = _tables.Distances;
    }

    private enum BlockState
    {
        ZlibHeader,
        BlockHeader,
        Stored,
        Compressed,
        End,
    }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Stay until the next call.</param>
    public InflateStatus TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        while (_written - _read < count)
        {
            if (_state == BlockState.End)
            {
                return InflateStatus.Truncated;
            }

            InflateStatus status = Fill();
            if (status != InflateStatus.Ok)
            {
                return status;
            }
        }

        bytes = _window.AsSpan(_read, count);
        _read += count;
        return InflateStatus.Ok;
    }

    /// <summary>
    /// Goes to the end of the stream once all that was due is taken, and holds its checksum against what came. As
    /// libpng has it, more output than was due is no error, whatever it is; data that end in its first kilobyte are.
    /// </summary>
    public InflateStatus Finish()
    {
        InflateStatus status = InflateStatus.Ok;
        while (status == InflateStatus.Ok && _state != BlockState.End && _written - _read < SurplusBytes)
        {
            status = Fill();
        }

        bool hasSurplus = _written > _read;
        if (status != InflateStatus.Ok || hasSurplus)
        {
            return hasSurplus && status == InflateStatus.Corrupt ? InflateStatus.Ok : status;
        }

        Drop(_bitCount & 7);
        uint expected = 0;
        for (int i = 0; i < 4; i++)
        {
            if (!Need(8))
            {
                return InflateStatus.Truncated;
            }

            expected = (expected << 8) | Take(8);
        }

        return expected == _checksum ? InflateStatus.Ok : InflateStatus.Corrupt;
    }

    public void Dispose() => ScrubbedArrays<byte>.Return(_window);

    // Fills the window, or comes to the stream's end.
    private InflateStatus Fill()
    {
        Slide();
        int start = _written;
        int end = (int)Math.Min(_windowEnd, start + _due);
        InflateStatus status = InflateStatus.Ok;
        while (status == InflateStatus.Ok && _written < end && _state != BlockState.End)
        {
            status = _cancellation.IsCancellationRequested ? InflateStatus.Cancelled : _state switch
            {
                BlockState.ZlibHeader => ReadZlibHeader(),
                BlockState.BlockHeader => ReadBlockHeader(),
                BlockState.Stored => CopyStored(end),
                _ => Decode(end),
            };
        }

        _due -= _written - start;
        _checksum = Adler32.Append(_checksum, _window.AsSpan(start, _written - start));
        return status;
    }

    private void Slide()
    {
        int from = Math.Min(_read, _written - HistoryBytes);
        if (_written < _windowEnd || from <= 0)
        {
            return;
        }

        _window.AsSpan(from, _written - from).CopyTo(_window);
        _read -= from;
        _written -= from;
    }

    private InflateStatus ReadZlibHeader()
    {
        if (!Need(16))
        {
            return InflateStatus.Truncated;
        }

        // Deflate with a window of at most 32 KiB, no dictionary, and a remainder that checks.
        uint method = Take(8);
        uint flags = Take(8);
        bool isKnown = (method & 15) == 8 && method >> 4 <= 7 && (flags & 32) == 0
            && ((method << 8) | flags) % 31 == 0;
        _state = BlockState.BlockHeader;
        return isKnown ? InflateStatus.Ok : InflateStatus.Corrupt;
    }

    private InflateStatus ReadBlockHeader()
    {
        if (_isLastBlock)
        {
            _state = BlockState.End;
            return InflateStatus.Ok;
        }

        if (!Need(3))
        {
            return InflateStatus.Truncated;
        }

        _isLastBlock = Take(1) == 1;
        switch (Take(2))
        {
            case 0:
                return ReadStoredHeader();
            case 1:
                (_symbols, _distances) = (DeflateTables.FixedSymbols, DeflateTables.FixedDistances);
                _state = BlockState.Compressed;
                return InflateStatus.Ok;
            case 2:
                (_symbols, _distances) = (_tables.Symbols, _tables.Distances);
                _state = BlockState.Compressed;
                return ReadTables();
            default:
                return InflateStatus.Corrupt;
        }
    }

    private InflateStatus ReadStoredHeader()
    {
        Drop(_bitCount & 7);
        if (!Need(32))
        {
            return InflateStatus.Truncated;
        }

        uint length = Take(16);
        if ((length ^ Take(16)) != 0xFFFF)
        {
            return InflateStatus.Corrupt;
        }

        _storedLeft = (int)length;
        _state = BlockState.Stored;
        return InflateStatus.Ok;
    }

    private InflateStatus CopyStored(int end)
    {
        while (_storedLeft > 0 && _written < end)
        {
            if (_bitCount >= 8)
            {
                _window[_written++] = (byte)Take(8);
                _storedLeft--;
                continue;
            }

            int count = _input.Read(_window.AsSpan(_written, Math.Min(_storedLeft, end - _written)), _cancellation);
            if (count == 0)
            {
                return InflateStatus.Truncated;
            }

            _written += count;
            _storedLeft -= count;
        }

        _state = _storedLeft > 0 ? BlockState.Stored : BlockState.BlockHeader;
        return InflateStatus.Ok;
    }

    // RFC 1951, 3.2.7.
    private InflateStatus ReadTables()
    {
        if (!Need(14))
        {
            return InflateStatus.Truncated;
        }

        int symbolCount = (int)Take(5) + 257;
        int distanceCount = (int)Take(5) + 1;
        int lengthCount = (int)Take(4) + 4;
        if (symbolCount > DeflateTables.MaxSymbols || distanceCount > DeflateTables.MaxDistances)
        {
            return InflateStatus.Corrupt;
        }

        Span<byte> codeLengths = stackalloc byte[DeflateTables.LengthOrder.Length];
        codeLengths.Clear();
        for (int i = 0; i < lengthCount; i++)
        {
            if (!Need(3))
            {
                return InflateStatus.Truncated;
            }

            codeLengths[DeflateTables.LengthOrder[i]] = (byte)Take(3);
        }

        if (!_tables.BuildLengths(codeLengths))
        {
            return InflateStatus.Corrupt;
        }

        Span<byte> lengths = stackalloc byte[symbolCount + distanceCount];
        InflateStatus status = ReadLengths(lengths);
        return status != InflateStatus.Ok ? status
            : _tables.Build(lengths[..symbolCount], lengths[symbolCount..]) ? InflateStatus.Ok
            : InflateStatus.Corrupt;
    }

    private InflateStatus ReadLengths(Span<byte> lengths)
    {
        int at = 0;
        while (at < lengths.Length)
        {
            // A code of at most 7 bits, and 7 extra bits. Where the data end, zeros follow.
            _ = Need(14);
            uint entry = _tables.Lengths[(int)(_bits & DeflateTables.LengthsMask)];
            int bits = (int)(entry & HuffmanTable.BitsMask);
            int symbol = (int)(entry >> HuffmanTable.BaseShift);
            int extra = (int)(entry >> HuffmanTable.ExtraShift) & 15;
            if (bits + extra > _bitCount)
            {
                return InflateStatus.Truncated;
            }

            Drop(bits);
            if (symbol < 16)
            {
                lengths[at++] = (byte)symbol;
                continue;
            }

            // 16 repeats the length before 3 to 6 times; 17 and 18 stand for 3 to 10 and 11 to 138 zeros.
            int count = (int)Take(extra) + (symbol == 18 ? 11 : 3);
            if (count > lengths.Length - at || (symbol == 16 && at == 0))
            {
                return InflateStatus.Corrupt;
            }

            lengths.Slice(at, count).Fill(symbol == 16 ? lengths[at - 1] : (byte)0);
            at += count;
        }

        return InflateStatus.Ok;
    }

    /// <summary>Whether so many bits, up to 56, are there.</summary>
    private bool Need(int count)
    {
        while (_bitCount < count && _input.TryReadByte(_cancellation, out byte next))
        {
            _bits |= (ulong)next << _bitCount;
            _bitCount += 8;
        }

        return _bitCount >= count;
    }

    private uint Take(int count)
    {
        uint taken = (uint)(_bits & ((1UL << count) - 1));
        Drop(count);
        return taken;
    }

    private void Drop(int count)
    {
        _bits >>= count;
        _bitCount -= count;
    }
}
