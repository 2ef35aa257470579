using System.Buffers.Binary;

namespace HashMatch.Imaging.Png;

/// <summary>One chunk's place in a PNG file (W3C PNG, section 5.3).</summary>
/// <param name="Name">The four bytes of the name, the first in the top bits.</param>
/// <param name="Start">Where the chunk's data begin.</param>
/// <param name="Length">Bytes of data that the chunk claims, up to 2^31 - 1; the file may end before.</param>
internal readonly record struct PngChunk(uint Name, int Start, int Length)
{
    /// <summary>Length and name before the data.</summary>
    public const int HeadLength = 8;

    /// <summary>The checksum behind the data.</summary>
    public const int TailLength = 4;

    public const uint Header = 0x49484452;
    public const uint Palette = 0x504C5445;
    public const uint Transparency = 0x74524E53;
    public const uint Data = 0x49444154;
    public const uint End = 0x49454E44;

    /// <summary>A decoder that does not know the chunk must not go on.</summary>
    public bool IsCritical => (Name & 0x2000_0000) == 0;

    /// <summary>Where the next chunk begins; may lie behind the file's end.</summary>
    public long Next => (long)Start + Length + TailLength;

    /// <summary>Reads the head of the chunk at an offset.</summary>
    public static PngChunkStatus Read(ReadOnlySpan<byte> image, long at, out PngChunk chunk)
    {
        chunk = default;
        if (at > image.Length - HeadLength)
        {
            return PngChunkStatus.Missing;
        }

        ReadOnlySpan<byte> head = image.Slice((int)at, HeadLength);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length > int.MaxValue || !IsName(head[4..]))
        {
            return PngChunkStatus.Broken;
        }

        chunk = new PngChunk(BinaryPrimitives.ReadUInt32BigEndian(head[4..]), (int)at + HeadLength, (int)length);
        return PngChunkStatus.Found;
    }

    private static bool IsName(ReadOnlySpan<byte> name) =>
        char.IsAsciiLetter((char)name[0]) && char.IsAsciiLetter((char)name[1])
        && char.IsAsciiLetter((char)name[2]) && char.IsAsciiLetter((char)name[3]);
}
