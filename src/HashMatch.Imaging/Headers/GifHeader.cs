using System.Buffers.Binary;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// A GIF's logical screen, and a walk over its frames (GIF89a, sections 18 to 24). Frames count as far as they are
/// wholly there: what was cut off is not handed to the decoder, and takes nothing from the frames before it.
/// </summary>
internal static class GifHeader
{
    private const int ScreenLength = 13;
    private const int DescriptorLength = 10;
    private const byte Extension = 0x21;
    private const byte Descriptor = 0x2C;
    private const byte Trailer = 0x3B;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < ScreenLength)
        {
            return ImageHeader.Failed(DecodeStatus.Truncated, "The GIF ends before its header does.");
        }

        int width = BinaryPrimitives.ReadUInt16LittleEndian(image[6..]);
        int height = BinaryPrimitives.ReadUInt16LittleEndian(image[8..]);
        if (width == 0 || height == 0)
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The GIF has no size.");
        }

        int end = 0;
        int frames = 0;
        int at = ScreenLength + TableLength(image[10]);
        while (at < image.Length)
        {
            switch (image[at])
            {
                case Extension:
                    at = SkipSubBlocks(image, at + 2);
                    continue;
                case Descriptor when at + DescriptorLength <= image.Length:
                    at = SkipSubBlocks(image, at + DescriptorLength + TableLength(image[at + 9]) + 1);
                    if (at <= image.Length)
                    {
                        (end, frames) = (at, frames + 1);
                    }

                    continue;
                case Descriptor:
                    at = image.Length;
                    continue;
                case Trailer when frames == 0:
                    return ImageHeader.Failed(DecodeStatus.Corrupt, "The GIF has no picture.", width, height);
                case not Trailer when frames == 0:
                    return ImageHeader.Failed(DecodeStatus.Corrupt, "The GIF has an unknown block.", width, height);
                default:
                    // The trailer, or what is no block: browsers show the frames before it, and end there.
                    at = image.Length;
                    continue;
            }
        }

        return frames == 0
            ? EndsEarly(width, height)
            : new ImageHeader { Width = width, Height = height, Passes = 1, Frames = frames, Length = end };
    }

    // Decoders fill what is missing with background, and would hash that.
    private static ImageHeader EndsEarly(int width, int height) => ImageHeader.Failed(
        DecodeStatus.Truncated, "The GIF ends before its first picture does.", width, height);

    private static int TableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    // The offset behind the terminator, or one behind the file's end when there is no terminator.
    private static int SkipSubBlocks(ReadOnlySpan<byte> image, int at)
    {
        while (at < image.Length)
        {
            int length = image[at];
            at += length + 1;
            if (length == 0)
            {
                return at;
            }
        }

        return image.Length + 1;
    }
}
