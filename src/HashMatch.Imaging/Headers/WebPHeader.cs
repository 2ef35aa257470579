using System.Buffers.Binary;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// The size of a WebP: of its canvas (VP8X), or of its one picture (VP8, VP8L), and how many frames it has; RFC 9649.
/// </summary>
internal static class WebPHeader
{
    private const int FirstChunk = 12;
    private const int ChunkHeaderLength = 8;
    private const byte AnimationFlag = 2;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < FirstChunk + ChunkHeaderLength + 10)
        {
            return ImageHeader.Failed(DecodeStatus.Truncated, "The WebP ends before its header does.");
        }

        ReadOnlySpan<byte> name = image.Slice(FirstChunk, 4);
        ReadOnlySpan<byte> body = image[(FirstChunk + ChunkHeaderLength)..];
        int width = 0;
        int height = 0;
        if (name.SequenceEqual("VP8X"u8))
        {
            width = 1 + (BinaryPrimitives.ReadInt32LittleEndian(body[4..]) & 0xFF_FFFF);
            height = 1 + (BinaryPrimitives.ReadInt32LittleEndian(body[6..]) >>> 8);
        }
        else if (name.SequenceEqual("VP8L"u8) && body[0] == 0x2F)
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            width = 1 + (int)(bits & 0x3FFF);
            height = 1 + (int)((bits >> 14) & 0x3FFF);
        }
        else if (name.SequenceEqual("VP8 "u8) && body[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & 0x3FFF;
            height = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & 0x3FFF;
        }

        if (width == 0 || height == 0)
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The WebP's first chunk is not a picture's.");
        }

        long declared = 8L + BinaryPrimitives.ReadUInt32LittleEndian(image[4..]);
        return declared > image.Length
            ? ImageHeader.Failed(
                DecodeStatus.Truncated, "The WebP is shorter than it says of itself.", width, height)
            : new ImageHeader
            {
                Width = width,
                Height = height,
                Passes = 1,
                Frames = name.SequenceEqual("VP8X"u8) && (body[0] & AnimationFlag) != 0 ? CountFrames(image) : 1,
                LikelyPixels = ImageHeader.MostLikely(image.Length),
                Length = image.Length,
            };
    }

    // Chunks are padded to an even length.
    private static int CountFrames(ReadOnlySpan<byte> image)
    {
        int frames = 0;
        for (long at = FirstChunk; at + ChunkHeaderLength <= image.Length;)
        {
            ReadOnlySpan<byte> chunk = image[(int)at..];
            frames += chunk.StartsWith("ANMF"u8) ? 1 : 0;
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            at += ChunkHeaderLength + length + (length & 1);
        }

        return frames;
    }
}
