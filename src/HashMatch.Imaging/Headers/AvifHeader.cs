using System.Buffers.Binary;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// The largest size that an AVIF names (its `ispe` properties, ISO/IEC 23008-12), and whether its boxes (ISO/IEC
/// 14496-12) fit the file. The picture's own size, with its rotation applied, is the decoder's to tell.
/// </summary>
internal static class AvifHeader
{
    // meta / iprp / ipco / ispe
    private const int Depth = 4;
    private const int FullBoxLength = 4;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        (uint Width, uint Height) size = default;
        if (!Walk(image, Depth, ref size))
        {
            return ImageHeader.Failed(
                DecodeStatus.Truncated,
                "The AVIF is shorter than it says of itself.",
                Clamp(size.Width),
                Clamp(size.Height));
        }

        return new ImageHeader
        {
            Width = Clamp(size.Width),
            Height = Clamp(size.Height),
            Passes = 1,
            LikelyPixels = ImageHeader.MostLikely(image.Length),
            Length = image.Length,
        };
    }

    private static int Clamp(uint side) => (int)Math.Min(side, int.MaxValue);

    // False when a box runs over the end.
    private static bool Walk(ReadOnlySpan<byte> boxes, int depth, ref (uint Width, uint Height) size)
    {
        while (boxes.Length >= 8)
        {
            ulong length = BinaryPrimitives.ReadUInt32BigEndian(boxes);
            int header = 8;
            if (length == 1 && boxes.Length >= 16)
            {
                length = BinaryPrimitives.ReadUInt64BigEndian(boxes[8..]);
                header = 16;
            }
            else if (length == 0)
            {
                length = (ulong)boxes.Length;
            }

            if (length > (ulong)boxes.Length)
            {
                return false;
            }

            if (length < (ulong)header)
            {
                return true;
            }

            ReadOnlySpan<byte> name = boxes.Slice(4, 4);
            ReadOnlySpan<byte> body = boxes[header..(int)length];
            if (name.SequenceEqual("ispe"u8) && body.Length >= FullBoxLength + 8)
            {
                uint width = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
                uint height = BinaryPrimitives.ReadUInt32BigEndian(body[8..]);
                if ((ulong)width * height > (ulong)size.Width * size.Height)
                {
                    size = (width, height);
                }
            }
            else if (depth > 1 && (name.SequenceEqual("iprp"u8) || name.SequenceEqual("ipco"u8)))
            {
                _ = Walk(body, depth - 1, ref size);
            }
            else if (depth > 1 && name.SequenceEqual("meta"u8) && body.Length >= FullBoxLength)
            {
                _ = Walk(body[FullBoxLength..], depth - 1, ref size);
            }

            boxes = boxes[(int)length..];
        }

        return boxes.Length == 0;
    }
}
