using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// The entropy-coded bytes of a scan without their stuffing (ITU T.81, B.1.1.5), a window at a time, so that bits are
/// read without a look at markers. Behind the last byte before a marker, or before the file's end, the window goes on
/// with zeros: whoever reads them sees it in <see cref="IsOverrun"/>.
/// </summary>
internal ref struct EntropyReader
{
    /// <summary>Bytes that a block takes at the most: 64 codes of 16 bits with values of 15.</summary>
    public const int MaxBlockBytes = 256;

    /// <summary>Bytes of the window.</summary>
    public const int WindowBytes = 16 * 1024;

    private const int MaxSymbolBits = 32;

    private readonly Span<byte> _window;
    private readonly int _slack;
    private ReadOnlySpan<byte> _image;
    private int _next;
    private int _end;
    private int _refillAt;
    private bool _isStopped;

    /// <param name="image">The file.</param>
    /// <param name="start">Where the scan's data begin.</param>
    /// <param name="window">Scratch of <see cref="WindowBytes"/>.</param>
    /// <param name="blocks">Blocks that are read between two calls of <see cref="Prepare"/>, 1 to 10.</param>
    public EntropyReader(ReadOnlySpan<byte> image, int start, Span<byte> window, int blocks)
    {
        _image = image;
        _next = start;
        _window = window;
        _slack = (blocks * MaxBlockBytes) + sizeof(ulong);
        Fill();
    }

    /// <summary>The next bit of the window; not beyond what <see cref="Prepare"/> promised.</summary>
    public int Position { get; set; }

    /// <summary>The bytes that positions are of.</summary>
    public readonly ReadOnlySpan<byte> Window => _window;

    /// <summary>Where to look for the next marker; nothing before it is one.</summary>
    public readonly int Next => _next;

    /// <summary>Bytes that went through the window and out of it.</summary>
    public long Passed { get; private set; }

    /// <summary>The position counted from the scan's start.</summary>
    public readonly long Total => (8 * Passed) + Position;

    /// <summary>Whether the window holds all that is left.</summary>
    public readonly bool IsStopped => _isStopped;

    /// <summary>Bytes from the scan's start to its end, once <see cref="IsStopped"/>.</summary>
    public readonly long Length => Passed + _end;

    /// <summary>
    /// The last position from which <paramref name="bits"/> bits can be read that the scan has, without another
    /// <see cref="Prepare"/>. A block's may always be read behind a position up to which there is no need of it.
    /// </summary>
    public readonly int Limit(int bits) => _isStopped ? (8 * _end) - bits : _refillAt;

    /// <summary>Bits were read that the scan does not have.</summary>
    public readonly bool IsOverrun => Position > 8 * _end;

    /// <summary>Whether a symbol that cannot be read began where the data end.</summary>
    public readonly bool IsAtEnd(int position) => _isStopped && position + MaxSymbolBits > 8 * _end;

    /// <summary>Makes sure that the promised number of blocks can be read from the window.</summary>
    /// <returns>False when bits were read already that the scan does not have.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Prepare() => Position <= _refillAt || Fill();

    /// <summary>Goes on with more of a file that it was given the first bytes of.</summary>
    /// <param name="image">The file; its first part does not end within a stuffed byte.</param>
    public void Lengthen(ReadOnlySpan<byte> image)
    {
        _image = image;
        _isStopped = false;
        _refillAt = -1;
    }

    /// <summary>The 64 bits from a position on, of which 57 or more are right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(ReadOnlySpan<byte> window, int position) =>
        BinaryPrimitives.ReadUInt64BigEndian(window[(position >> 3)..]) << (position & 7);

    /// <summary>Goes on behind the restart marker of a number; bytes before it are passed over.</summary>
    /// <returns>False when the next marker is another, or there is none.</returns>
    public bool TryRestart(int number)
    {
        int at = _next;
        while (at < _image.Length)
        {
            int found = _image[at..].IndexOf((byte)0xFF);
            if (found < 0)
            {
                return false;
            }

            at += found;
            while (at < _image.Length && _image[at] == 0xFF)
            {
                at++;
            }

            if (at >= _image.Length)
            {
                return false;
            }

            byte marker = _image[at++];
            if (marker != 0)
            {
                if (marker != 0xD0 + number)
                {
                    return false;
                }

                _next = at;
                _end = 0;
                Position = 0;
                _isStopped = false;
                return Fill();
            }
        }

        return false;
    }

    private bool Fill()
    {
        if (_isStopped)
        {
            return !IsOverrun;
        }

        int done = Math.Min(Position >> 3, _end);
        _window[done.._end].CopyTo(_window);
        _end -= done;
        Passed += done;
        Position -= 8 * done;
        int room = WindowBytes - _slack;
        while (_end < room)
        {
            ReadOnlySpan<byte> rest = _image[_next..];
            rest = rest[..Math.Min(rest.Length, room - _end)];
            int plain = rest.IndexOf((byte)0xFF);
            rest[..(plain < 0 ? rest.Length : plain)].CopyTo(_window[_end..]);
            _end += plain < 0 ? rest.Length : plain;
            _next += plain < 0 ? rest.Length : plain;
            if (plain < 0 ? _next == _image.Length : !TryUnstuff())
            {
                _isStopped = true;
                break;
            }
        }

        _window.Slice(_end, _slack).Clear();
        _refillAt = 8 * (_isStopped ? _end : _end - _slack);
        return !IsOverrun;
    }

    // At 0xFF: any number of them and then zero is one of data, anything else a marker.
    private bool TryUnstuff()
    {
        int at = _next;
        while (at < _image.Length && _image[at] == 0xFF)
        {
            at++;
        }

        if (at == _image.Length || _image[at] != 0)
        {
            return false;
        }

        _window[_end++] = 0xFF;
        _next = at + 1;
        return true;
    }
}
