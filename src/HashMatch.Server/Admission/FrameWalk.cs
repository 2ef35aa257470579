namespace HashMatch.Server.Admission;

/// <summary>
/// Finds the frames in what an HTTP/2 connection receives (RFC 9113, 4.1), whatever the pieces that it comes in.
/// </summary>
internal struct FrameWalk()
{
    private const int HeaderBytes = 9;

    // Three bytes of length and one of type.
    private const int StartBytes = 4;

    // Types, RFC 9113, 6.
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;

    // A gRPC message has five bytes in front of it, and what is asked of us is a hash of 32 at least.
    private const int LeastData = 32;

    private uint _start;
    private int _startBytes;
    private int _left;

    /// <summary>Frames that began so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Those of them that reset a stream.</summary>
    public long Resets { get; private set; }

    /// <summary>
    /// How many more frames that serve no call there were than calls ask for. A frame other than HEADERS and DATA
    /// counts one, and so does empty DATA; HEADERS take two off and DATA with a message one (the call's end, a window's
    /// update, a PING for the time that it takes), DATA with a few bytes none, and a reset puts them back and counts
    /// itself.
    /// </summary>
    public long Idle { get; private set; }

    /// <summary>Goes on to the end, or to where so many frames more have begun, or <see cref="Idle"/> has grown by so
    /// much.</summary>
    /// <returns>Bytes gone.</returns>
    public int Go(ReadOnlySpan<byte> bytes, long mostFrames, long mostIdle = long.MaxValue)
    {
        int at = 0;
        long last = Frames + mostFrames;
        long start = Idle;
        while (at < bytes.Length && Frames < last && Idle - start < mostIdle)
        {
            if (_left > 0)
            {
                int skipped = Math.Min(_left, bytes.Length - at);
                _left -= skipped;
                at += skipped;
                continue;
            }

            _start = (_start << 8) | bytes[at++];
            if (++_startBytes == StartBytes)
            {
                _startBytes = 0;
                Begin((byte)_start, (int)(_start >> 8));
            }
        }

        return at;
    }

    private void Begin(byte type, int length)
    {
        Frames++;
        Resets += type == Reset ? 1 : 0;
        Idle += type switch
        {
            Data => length == 0 ? 1 : length < LeastData ? 0 : -1,
            Headers => -2,
            Reset => 4,
            _ => 1,
        };
        _left = HeaderBytes - StartBytes + length;
    }
}
