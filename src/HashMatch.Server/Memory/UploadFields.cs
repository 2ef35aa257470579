using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Memory;

/// <summary>
/// Reads a message of which one `bytes` field holds an upload: that field goes from the transport's buffers into the
/// arena, and the message looks at it there. What the message does not know is dropped, as it may be of an upload too.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
/// <param name="parser">Reads all but the upload.</param>
/// <param name="field">Number of the upload's field.</param>
/// <param name="set">Puts the upload into the message.</param>
internal sealed class UploadFields<T>(MessageParser<T> parser, int field, Action<T, ByteString> set)
    where T : class, IMessage<T>
{
    private const int MaxVarintBytes = 10;

    private readonly MessageParser<T> _parser = parser.WithDiscardUnknownFields(true);

    // Wire types of protobuf's encoding; groups are in no message of ours.
    private enum Wire
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>Reads one message. Its upload is given back with the request at the latest.</summary>
    /// <exception cref="RpcException">MALFORMED_MESSAGE. QUEUE_FULL: there is no room.</exception>
    public T Read(ReadOnlySequence<byte> message)
    {
        UploadScope scope = UploadScope.Current;
        int restBytes = Split(message, [], out ReadOnlySequence<byte>? upload);
        T parsed;
        using (ArenaBlock rest = scope.Rent(restBytes))
        {
            Split(message, rest.GetSpan(), out _);
            parsed = Parse(rest.GetSpan());
        }

        if (upload is { } bytes)
        {
            ArenaBlock block = scope.Rent(checked((int)bytes.Length));
            bytes.CopyTo(block.GetSpan());
            set(parsed, UnsafeByteOperations.UnsafeWrap(block.Memory));
        }

        return parsed;
    }

    private T Parse(ReadOnlySpan<byte> rest)
    {
        try
        {
            return _parser.ParseFrom(rest);
        }
        catch (InvalidProtocolBufferException)
        {
            throw RpcErrors.MalformedMessage();
        }
    }

    // Counts the bytes that are not the upload's field, and copies them where there is room given for them. Of a field
    // that stands twice the last counts.
    private int Split(ReadOnlySequence<byte> message, Span<byte> rest, out ReadOnlySequence<byte>? upload)
    {
        upload = null;
        var reader = new SequenceReader<byte>(message);
        (SequencePosition start, long startAt) = (reader.Position, 0);
        int count = 0;
        while (!reader.End)
        {
            (SequencePosition end, long endAt) = (reader.Position, reader.Consumed);
            ulong tag = ReadVarint(ref reader);
            ReadOnlySequence<byte> value = ReadValue(ref reader, (Wire)(tag & 7));
            if (tag >> 3 == (ulong)field && (Wire)(tag & 7) == Wire.Bytes)
            {
                count += Copy(message.Slice(start, end), (int)(endAt - startAt), rest, count);
                upload = value;
                (start, startAt) = (reader.Position, reader.Consumed);
            }
        }

        return count + Copy(message.Slice(start), (int)(reader.Consumed - startAt), rest, count);
    }

    private static int Copy(ReadOnlySequence<byte> part, int length, Span<byte> rest, int at)
    {
        if (!rest.IsEmpty)
        {
            part.CopyTo(rest[at..]);
        }

        return length;
    }

    // The value of a field of bytes; others are passed over.
    private static ReadOnlySequence<byte> ReadValue(ref SequenceReader<byte> reader, Wire wire)
    {
        long length = 0;
        switch (wire)
        {
            case Wire.Varint:
                _ = ReadVarint(ref reader);
                return default;
            case Wire.Fixed64:
                length = sizeof(ulong);
                break;
            case Wire.Fixed32:
                length = sizeof(uint);
                break;
            case Wire.Bytes:
                length = (long)Math.Min(ReadVarint(ref reader), long.MaxValue);
                break;
            default:
                throw RpcErrors.MalformedMessage();
        }

        if (length > reader.Remaining)
        {
            throw RpcErrors.MalformedMessage();
        }

        ReadOnlySequence<byte> value = wire == Wire.Bytes ? reader.UnreadSequence.Slice(0, length) : default;
        reader.Advance(length);
        return value;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        for (int i = 0; i < MaxVarintBytes && reader.TryRead(out byte next); i++)
        {
            value |= (ulong)(next & 127) << (7 * i);
            if (next < 128)
            {
                return value;
            }
        }

        throw RpcErrors.MalformedMessage();
    }
}
