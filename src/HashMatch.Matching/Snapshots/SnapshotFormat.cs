using System.IO.Hashing;

namespace HashMatch.Matching.Snapshots;

/// <summary>
/// The snapshot file: 8 bytes of magic, the format (u32), then frames to the end. A frame is its kind (u8), its length
/// (u32), so many bytes, and XxHash128 of these three (16 bytes). Little-endian. A list frame (JSON) is followed by its
/// segments, in order of their keys and without tombstones; then comes the next list. The seal is last: SHA-512 of all
/// that stands before it and, when signed, the public key (32 bytes) and its Ed25519 signature (64) of
/// <see cref="SealContext"/> and that SHA-512.
/// </summary>
internal static class SnapshotFormat
{
    public const uint Current = 1;
    public const int HeaderBytes = 12;
    public const int FrameHeadBytes = 5;
    public const int ChecksumBytes = 16;
    public const int DigestBytes = 64;
    public const int SignatureBytes = 64;
    public const int UnsignedSealBytes = DigestBytes;
    public const int SignedSealBytes = DigestBytes + SigningKey.PublicKeyBytes + SignatureBytes;

    /// <summary>Bytes of the JSON of one list.</summary>
    public const int MaxListBytes = 64 * 1024;

    public const byte ListKind = 1;
    public const byte SegmentKind = 2;
    public const byte SealKind = 3;

    /// <summary>The line break shows a file that was sent as text.</summary>
    public static ReadOnlySpan<byte> Magic => "HMSNAP\r\n"u8;

    /// <summary>What is signed begins with this: nothing else that the key signs passes for a seal.</summary>
    public static ReadOnlySpan<byte> SealContext => "hashmatch list snapshot, format 1\n"u8;

    /// <summary>Writes the checksum of a frame.</summary>
    public static void Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        XxHash128 hash = new();
        hash.Append(head);
        hash.Append(payload);
        hash.GetCurrentHash(destination);
    }

    /// <summary>What a key signs for a digest.</summary>
    public static byte[] Sealed(ReadOnlySpan<byte> digest) => [.. SealContext, .. digest];
}
