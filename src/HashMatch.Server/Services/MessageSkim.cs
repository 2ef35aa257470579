using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// Reads on through a message of an upload that is refused, for what its caller wants to be told: the bytes of the
/// upload are let go as they come.
/// </summary>
internal sealed class MessageSkim(PipeReader body) : IDisposable
{
    private const int PrefixBytes = 5;

    /// <summary>Bytes of an options message that are looked at.</summary>
    private const int MostOptions = 4096;

    /// <summary>A message of more fields is made to cost time.</summary>
    private const int MostFields = MatchingService.MaxQueries + 100;

    private const int OptionsField = V1.MatchRequest.OptionsFieldNumber;
    private const int WhenField = V1.MatchHashesRequest.WhenIndeterminateFieldNumber;

    // May get a part of an upload: it does not move, and is zeroed at the end.
    private readonly byte[] _few = GC.AllocateArray<byte>(MostOptions, pinned: true);
    private ReadOnlySequence<byte> _buffer;
    private long _left;
    private bool _isEnd;

    /// <summary>Of a MatchRequest or MatchHashesRequest, compressed or too large as it may be: whatever can be said.
    /// </summary>
    /// <param name="mayRead">Whether a message of so many bytes is looked at.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The options, with what a MatchHashesRequest says itself in their place, and the fields 1, which are its
    /// queries; null when the message cannot be read.</returns>
    public async Task<(V1.MatchOptions Options, int Firsts)?> ReadRequestAsync(
        Func<long, bool> mayRead, CancellationToken cancellation)
    {
        if (await ReadLengthAsync(cancellation) is not { } length || !mayRead(length))
        {
            return null;
        }

        _left = length;
        var options = new V1.MatchOptions();
        int firsts = 0;
        for (int fields = 0; _left > 0; fields++)
        {
            if (fields > MostFields || await ReadVarintAsync(cancellation) is not { } tag)
            {
                return null;
            }

            uint field = (uint)(tag >> 3);
            ulong? value = (tag & 7) is 0 or 2 ? await ReadVarintAsync(cancellation) : null;
            if (value is null)
            {
                return null;
            }

            if ((tag & 7) == 0)
            {
                options.WhenIndeterminate = field == WhenField
                    ? (V1.WhenIndeterminate)(int)value.Value : options.WhenIndeterminate;
                continue;
            }

            firsts += field == 1 ? 1 : 0;
            if (value.Value > (ulong)_left || !await TakeAsync(field, (long)value.Value, options, cancellation))
            {
                return null;
            }
        }

        return (options, firsts);
    }

    /// <summary>Of the first message of a MatchUpload; null when it says nothing.</summary>
    public async Task<V1.MatchOptions?> ReadFirstPartAsync(CancellationToken cancellation)
    {
        if (await ReadLengthAsync(cancellation) is not { } length || length > MostOptions)
        {
            return null;
        }

        _left = length;
        return await CopyAsync((int)length, cancellation) ? ReadFirstPart((int)length) : null;
    }

    /// <summary>Leaves the body to its next reader.</summary>
    public void Dispose()
    {
        if (!_buffer.IsEmpty)
        {
            body.AdvanceTo(_buffer.Start);
            _buffer = default;
        }

        Array.Clear(_few);
    }

    // Options alone: parsed whole, a chunk would be kept by the message.
    private V1.MatchOptions? ReadFirstPart(int length)
    {
        const byte tag = (V1.MatchUploadRequest.OptionsFieldNumber << 3) | 2;
        if (length < 2 || _few[0] != tag)
        {
            return null;
        }

        int start = _few[1] < 0x80 ? 2 : 3;
        int options = start == 2 ? _few[1] : (_few[1] & 0x7F) | (_few[2] << 7);
        return start + options == length ? Parse(start, options) : null;
    }

    private V1.MatchOptions? Parse(int start, int length)
    {
        try
        {
            return V1.MatchOptions.Parser.WithDiscardUnknownFields(true).ParseFrom(_few, start, length);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private async Task<bool> TakeAsync(
        uint field, long length, V1.MatchOptions options, CancellationToken cancellation)
    {
        if (field != OptionsField)
        {
            return await SkipAsync(length, cancellation);
        }

        if (length > MostOptions || !await CopyAsync((int)length, cancellation)
            || Parse(0, (int)length) is not { } given)
        {
            return false;
        }

        options.MergeFrom(given);
        return true;
    }

    // The length of the one message; null when it is compressed or not there.
    private async Task<long?> ReadLengthAsync(CancellationToken cancellation)
    {
        _left = PrefixBytes;
        return await CopyAsync(PrefixBytes, cancellation) && _few[0] == 0
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(_few.AsSpan(1))
            : null;
    }

    private async Task<ulong?> ReadVarintAsync(CancellationToken cancellation)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (!await CopyAsync(1, cancellation))
            {
                return null;
            }

            value |= (ulong)(_few[0] & 0x7F) << shift;
            if (_few[0] < 0x80)
            {
                return value;
            }
        }

        return null;
    }

    private async Task<bool> CopyAsync(int count, CancellationToken cancellation)
    {
        for (int done = 0; done < count;)
        {
            if (_left == 0 || !await FillAsync(cancellation))
            {
                return false;
            }

            int some = (int)Math.Min(_buffer.Length, count - done);
            _buffer.Slice(0, some).CopyTo(_few.AsSpan(done));
            Advance(some);
            done += some;
        }

        return true;
    }

    private async Task<bool> SkipAsync(long count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            if (!await FillAsync(cancellation))
            {
                return false;
            }

            long some = Math.Min(_buffer.Length, count);
            Advance(some);
            count -= some;
        }

        return true;
    }

    private void Advance(long count)
    {
        _left -= count;
        _buffer = _buffer.Slice(count);
        if (_buffer.IsEmpty)
        {
            body.AdvanceTo(_buffer.End);
            _buffer = default;
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellation)
    {
        while (_buffer.IsEmpty && !_isEnd)
        {
            ReadResult result = await body.ReadAsync(cancellation);
            _buffer = result.Buffer;
            _isEnd = result.IsCompleted || result.IsCanceled;
            if (_buffer.IsEmpty)
            {
                body.AdvanceTo(_buffer.End);
                _buffer = default;
            }
        }

        return !_buffer.IsEmpty;
    }
}
