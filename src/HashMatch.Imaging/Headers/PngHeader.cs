using System.Buffers.Binary;

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

        bool ends = Walk(image, out long dataBytes);
        return new ImageHeader
        {
            Width = (int)width,
            Height = (int)height,
            Passes = 1,
            MostPixels = dataBytes * MostInflation * 8 / bitsPerPixel,
            EndsEarly = !ends,
            Length = image.Length,
        };
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

    // True when the chunks run to IEND; the bytes of image data on the way.
    private static bool Walk(ReadOnlySpan<byte> image, out long dataBytes)
    {
        dataBytes = 0;
        long at = SignatureLength;
        while (at + 8 <= image.Length)
        {
            ReadOnlySpan<byte> chunk = image[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..8].SequenceEqual("IDAT"u8))
            {
                dataBytes += Math.Min(length, chunk.Length - 8);
            }
            else if (chunk[4..8].SequenceEqual("IEND"u8))
            {
                return true;
            }

            at += length + ChunkOverhead;
        }

        return false;
    }
}
