using System.Buffers.Binary;
using System.Text;

namespace HashMatch.FaultTests.Transport;

/// <summary>HTTP/2 frames by hand (RFC 9113), right ones and wrong ones.</summary>
internal static class Frames
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Priority = 2;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    /// <summary>What a client's connection begins with.</summary>
    public static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>One frame.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload) =>
        Frame(type, flags, stream, payload, payload.Length);

    /// <summary>One frame that says it has another length than it has.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload, int length)
    {
        byte[] frame = new byte[9 + payload.Length];
        frame[0] = (byte)(length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>The header block of a gRPC call.</summary>
    public static byte[] Call(string path, params (string Name, string Value)[] more) => Block(
    [
        (":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", path),
        ("content-type", "application/grpc"), ("te", "trailers"), .. more,
    ]);

    /// <summary>So many calls with these headers, on streams 1, 3, 5, ...</summary>
    public static byte[] Calls(byte[] headers, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Frame(Headers, EndHeaders, (2 * i) + 1, headers))];

    /// <summary>Header fields as literals that are not indexed (RFC 7541, 6.2.2), bytes as Latin-1.</summary>
    public static byte[] Block(params (string Name, string Value)[] fields)
    {
        using var block = new MemoryStream();
        foreach ((string name, string value) in fields)
        {
            block.WriteByte(0);
            Text(block, name);
            Text(block, value);
        }

        return block.ToArray();
    }

    /// <summary>A gRPC message with its five bytes in front.</summary>
    public static byte[] Message(ReadOnlySpan<byte> body, long? length = null, bool isCompressed = false)
    {
        byte[] message = new byte[5 + body.Length];
        message[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)(length ?? body.Length));
        body.CopyTo(message.AsSpan(5));
        return message;
    }

    private static void Text(MemoryStream block, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.WriteByte((byte)bytes.Length);
        }
        else
        {
            block.WriteByte(127);
            int rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.WriteByte((byte)(0x80 | (rest & 0x7F)));
            }

            block.WriteByte((byte)rest);
        }

        block.Write(bytes);
    }
}
