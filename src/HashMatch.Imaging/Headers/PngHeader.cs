using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Headers;

/// <summary>A PNG's IHDR, and a walk over its chunks (W3C PNG, section 5).</summary>
internal static class PngHeader
{
    private const int SignatureLength = 8;
    private const int ChunkOverhead = 12;
    private const int HeaderLength = 13;

    // Deflate's best: 258 bytes for two bits.
    private const int MostInflation = 1032;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < SignatureLength + ChunkOverhead + HeaderLength)
        {
            return ImageHeader.Failed(DecodeStatus.Truncated, "The PNG ends before its header does.");
        }

        ReadOnlySpan<byte> header = image[SignatureLength..];
        if (BinaryPrimitives.ReadInt32BigEndian(header) != HeaderLength || !header[4..8].SequenceEqual("IHDR"u8))
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The PNG does not begin with its header.");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
        int bitsPerPixel = BitsPerPixel(header[16], header[17]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || bitsPerPixel == 0)
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The PNG's header breaks the format's rules.");
        }

        long dataBytes = 0;
        bool hasBaggage = false;
        bool ends = false;
        Orientation? upright = null;
        int length;
        for (int at = SignatureLength; !ends && NextChunk(image, at, out length, out var name); at += length)
        {
            dataBytes += name.SequenceEqual("IDAT"u8) ? length : 0;
            hasBaggage |= name.SequenceEqual("iCCP"u8) || name.SequenceEqual("zTXt"u8) || name.SequenceEqual("iTXt"u8);
            ends = name.SequenceEqual("IEND"u8);
            if (upright is null && dataBytes == 0 && name.SequenceEqual("eXIf"u8) && length > ChunkOverhead)
            {
                upright = ExifOrientation.Read(image.Slice(at + 8, length - ChunkOverhead));
            }
        }

        return new ImageHeader
        {
            Width = (int)width,
            Height = (int)height,
            Passes = 1,
            MostPixels = dataBytes * MostInflation * 8 / bitsPerPixel,
            EndsEarly = !ends,
            Length = image.Length,
            HasBaggage = hasBaggage,
            Upright = upright ?? Orientation.Original,
        };
    }

    /// <summary>Copies the chunks that make the picture, and EXIF.</summary>
    /// <returns>Bytes that were written.</returns>
    public static int CopyPicture(ReadOnlySpan<byte> image, Span<byte> destination)
    {
        image[..SignatureLength].CopyTo(destination);
        int written = SignatureLength;
        int length;
        for (int at = SignatureLength; NextChunk(image, at, out length, out var name); at += length)
        {
            // An upper-case first letter names a chunk that a decoder needs.
            if (name[0] < (byte)'a' || name.SequenceEqual("tRNS"u8) || name.SequenceEqual("eXIf"u8))
            {
                image.Slice(at, length).CopyTo(destination[written..]);
                written += length;
            }
        }

        return written;
    }

    private static int BitsPerPixel(int depth, int colour) => (colour, depth) switch
    {
        (0, 1 or 2 or 4 or 8 or 16) => depth,
        (2, 8 or 16) => 3 * depth,
        (3, 1 or 2 or 4 or 8) => depth,
        (4, 8 or 16) => 2 * depth,
        (6, 8 or 16) => 4 * depth,
        _ => 0,
    };

    // The chunk at an offset, as far as it is there: all of its bytes, and its name.
    private static bool NextChunk(ReadOnlySpan<byte> image, int at, out int length, out ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = image[at..];
        if (rest.Length < 8)
        {
            length = 0;
            name = default;
            return false;
        }

        length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest) + (long)ChunkOverhead, rest.Length);
        name = rest[4..8];
        return true;
    }
}
