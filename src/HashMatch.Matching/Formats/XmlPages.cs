using System.Buffers;
using System.Globalization;

namespace HashMatch.Matching.Formats;

/// <summary>
/// XML documents that were put one behind the other as one fragment: declarations and byte order marks in mid-stream
/// become blanks. It also bounds what an XML reader must hold at once: between two `&lt;` lie at most
/// <see cref="MaxMarkupBytes"/>.
/// </summary>
internal sealed class XmlPages(Stream inner, CancellationToken cancellation) : ForwardStream
{
    /// <summary>Bytes of a tag with the text behind it.</summary>
    public const int MaxMarkupBytes = 1024 * 1024;

    // What is looked for: a declaration's beginning, and a byte order mark.
    private static readonly byte[] Declaration = [.. "<?xml"u8];
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];
    private static readonly SearchValues<byte> Beginnings = SearchValues.Create(Declaration[0], Mark[0]);

    private readonly Stream _inner = inner;

    // XmlReader passes none on.
    private readonly CancellationToken _cancellation = cancellation;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _atEnd;
    private bool _inDeclaration;
    private long _sinceMarkup;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int given = Give(buffer.Span);
            if (given > 0 || (_atEnd && _start == _end) || buffer.IsEmpty)
            {
                return given;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int read = await _inner.ReadAsync(_buffer.AsMemory(_end), _cancellation).ConfigureAwait(false);
            _atEnd = read == 0;
            _end += read;
        }
    }

    // Copies what is known to be no part of a beginning that is still to be seen.
    private int Give(Span<byte> destination)
    {
        int given = 0;
        while (given < destination.Length && _start < _end)
        {
            ReadOnlySpan<byte> ahead = _buffer.AsSpan(_start, Math.Min(_end - _start, destination.Length - given));
            if (_inDeclaration)
            {
                given += Blank(ahead, destination[given..]);
                continue;
            }

            int plain = ahead.IndexOfAny(Beginnings);
            plain = plain < 0 ? ahead.Length : plain;
            if (plain == 0)
            {
                int length = LengthAhead(out bool known);
                if (!known)
                {
                    return given;
                }

                plain = Math.Min(length, ahead.Length);
            }
            else
            {
                Count(plain);
            }

            if (!_inDeclaration && plain > 0)
            {
                ahead[..plain].CopyTo(destination[given..]);
                _start += plain;
                given += plain;
            }
        }

        return given;
    }

    // What stands at a `<` or at the first byte of a mark: how many bytes may be given; unknown when more must be read.
    private int LengthAhead(out bool known)
    {
        ReadOnlySpan<byte> ahead = _buffer.AsSpan(_start, _end - _start);
        byte[] sought = ahead[0] == Mark[0] ? Mark : Declaration;
        known = true;
        if (ahead.Length <= sought.Length && !_atEnd && sought.AsSpan().StartsWith(ahead))
        {
            known = false;
            return 0;
        }

        bool found = ahead.StartsWith(sought)
            && (sought == Mark || (ahead.Length > sought.Length && ahead[sought.Length] is (byte)' ' or (byte)'\t'
                or (byte)'\r' or (byte)'\n'));
        if (found && sought == Mark)
        {
            _start += Mark.Length;
            return 0;
        }

        _inDeclaration = found;
        _sinceMarkup = ahead[0] == (byte)'<' ? 0 : _sinceMarkup + 1;
        return found ? 0 : 1;
    }

    // Lines stay where they are.
    private int Blank(ReadOnlySpan<byte> ahead, Span<byte> destination)
    {
        int end = ahead.IndexOf((byte)'>');
        int length = end < 0 ? ahead.Length : end + 1;
        Count(length);
        for (int i = 0; i < length; i++)
        {
            destination[i] = ahead[i] == (byte)'\n' ? (byte)'\n' : (byte)' ';
        }

        _start += length;
        _inDeclaration = end < 0;
        return length;
    }

    private void Count(int bytes)
    {
        _sinceMarkup += bytes;
        if (_sinceMarkup > MaxMarkupBytes)
        {
            throw new ListFileException(string.Create(
                CultureInfo.InvariantCulture, $"a tag or a text is over {MaxMarkupBytes} bytes"));
        }
    }
}
