using System.Buffers.Binary;
using System.IO.Hashing;

namespace HashMatch.Server.Recording;

/// <summary>
/// One event in a segment of the write-ahead log: XxHash3 of all that follows (8 bytes), length of the document (4),
/// place in the log (8), the document; numbers are little-endian. The hash is seeded by the log's id, so that a frame
/// of another log is none of this one.
/// </summary>
internal static class WalFrame
{
    /// <summary>Bytes before the document.</summary>
    public const int HeaderBytes = 20;

    /// <summary>Largest document, in bytes; an event takes some 300, and 4,000 at most.</summary>
    public const int MaxDocumentBytes = 1 << 20;

    private const int LengthAt = 8;
    private const int PlaceAt = 12;

    /// <summary>Completes a frame whose document is written already.</summary>
    /// <param name="frame">The header's bytes and the document's.</param>
    /// <param name="place">From 1.</param>
    /// <param name="seed">The log's.</param>
    public static void Seal(Span<byte> frame, long place, long seed)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame[LengthAt..], frame.Length - HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(frame[PlaceAt..], place);
        BinaryPrimitives.WriteUInt64LittleEndian(frame, XxHash3.HashToUInt64(frame[LengthAt..], seed));
    }

    /// <summary>The length of the whole frame that begins here; 0 when there is none, or it is cut off.</summary>
    /// <param name="bytes">From its first byte on.</param>
    /// <param name="seed">The log's.</param>
    /// <param name="after">Frames of this place and before it are passed over as none.</param>
    /// <param name="place">The frame's place.</param>
    public static int Read(ReadOnlySpan<byte> bytes, long seed, long after, out long place)
    {
        place = 0;
        int length = LengthOf(bytes);
        if (length == 0 || length > bytes.Length)
        {
            return 0;
        }

        place = BinaryPrimitives.ReadInt64LittleEndian(bytes[PlaceAt..]);
        return place > after
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == XxHash3.HashToUInt64(bytes[LengthAt..length], seed)
            ? length
            : 0;
    }

    /// <summary>What a frame that begins here says its length is; 0 when that is no length.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            return 0;
        }

        int document = BinaryPrimitives.ReadInt32LittleEndian(bytes[LengthAt..]);
        return document is > 0 and <= MaxDocumentBytes ? HeaderBytes + document : 0;
    }

    /// <summary>What hashes of a log begin with.</summary>
    public static long SeedOf(Guid log) => BinaryPrimitives.ReadInt64LittleEndian(log.ToByteArray());
}
