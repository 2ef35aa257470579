using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// Walks a JPEG's markers (ITU T.81, annex B): size, kind, and how many scans there are, so that a scan bomb is told
/// from a picture before it is decoded.
/// </summary>
internal static class JpegHeader
{
    // A Huffman-coded block of 8 x 8 takes a bit at the least, in the one scan that brings its DC.
    private const int MostPixelsPerByte = 8 * 64;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var frame = default(Frame);
        var colour = default(JpegColour);
        Orientation? upright = null;
        double passes = 0;
        int at = 2;
        while (TryNextMarker(image, ref at, out byte marker))
        {
            if (marker == 0xD9)
            {
                return frame.Components == 0
                    ? ImageHeader.Failed(DecodeStatus.Corrupt, "The JPEG has no frame.")
                    : Found(frame, passes, upright, endsEarly: false, image.Length);
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }

            if (at + 2 > image.Length)
            {
                break;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(image[at..]);
            if (length < 2)
            {
                return ImageHeader.Failed(DecodeStatus.Corrupt, "A JPEG segment is shorter than its own length.");
            }

            if (at + length > image.Length)
            {
                break;
            }

            ReadOnlySpan<byte> segment = image.Slice(at + 2, length - 2);
            at += length;
            if (IsFrame(marker))
            {
                if (frame.Components != 0)
                {
                    return ImageHeader.Failed(DecodeStatus.Corrupt, "The JPEG has two frames.");
                }

                ImageHeader? problem = ReadFrame(marker, segment, out frame);
                if (problem is not null)
                {
                    return problem.Value;
                }
            }
            else if (marker == 0xDA && frame.Components != 0 && segment.Length > 0)
            {
                frame = passes == 0 ? frame.Judged(colour, segment[0]) : frame;
                passes += (double)Math.Min(segment[0], frame.Components) / frame.Components;
            }
            else if (JpegColour.IsExif(marker, segment))
            {
                upright ??= ExifOrientation.Read(segment[JpegColour.ExifOffset..]);
            }
            else
            {
                colour.See(marker, segment);
            }
        }

        return frame.Components == 0
            ? ImageHeader.Failed(DecodeStatus.Truncated, "The JPEG ends before its frame header.")
            : Found(frame, passes, upright, endsEarly: true, image.Length);
    }

    private static ImageHeader Found(
        Frame frame, double passes, Orientation? upright, bool endsEarly, int length) => new()
    {
        JpegKind = frame.Kind,
        Upright = upright ?? Orientation.Original,
        Width = frame.Width,
        Height = frame.Height,
        Passes = Math.Max(1, passes),
        MostPixels = frame.IsHuffman ? (long)length * MostPixelsPerByte : null,
        EndsEarly = endsEarly,
        Length = length,
    };

    // Between segments, and through entropy-coded data, a marker is 0xFF and then neither zero (a stuffed 0xFF) nor a
    // restart; bytes that are no marker are skipped, as decoders do.
    internal static bool TryNextMarker(ReadOnlySpan<byte> image, ref int at, out byte marker)
    {
        while (at < image.Length)
        {
            int next = image[at..].IndexOf((byte)0xFF);
            if (next < 0)
            {
                break;
            }

            at += next + 1;
            while (at < image.Length && image[at] == 0xFF)
            {
                at++;
            }

            if (at < image.Length && image[at] is not (0 or (>= 0xD0 and <= 0xD7)))
            {
                marker = image[at++];
                return true;
            }
        }

        marker = 0;
        return false;
    }

    // SOF0 to SOF15, without DHT, JPG and DAC that lie among them.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static ImageHeader? ReadFrame(byte marker, ReadOnlySpan<byte> segment, out Frame frame)
    {
        frame = default;
        if (segment.Length < 6 || segment[5] == 0 || segment.Length < 6 + (3 * segment[5]))
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The JPEG's frame header is too short.");
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        frame = new Frame(width, height, segment[5], marker is 0xC0 or 0xC1 or 0xC2)
        {
            Kind = segment[5] is not (1 or 3) || marker is not (0xC0 or 0xC1 or 0xC2) ? JpegKind.Other
                : marker == 0xC2 ? JpegKind.Progressive
                : JpegKind.Sequential,
            Entries = segment[5] == 3 ? new(segment[6..15]) : default,
        };
        if (marker is not (0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA) || segment[0] != 8)
        {
            return ImageHeader.Failed(
                DecodeStatus.UnsupportedFormat, "The JPEG is lossless, hierarchical or not of 8 bits.", width, height);
        }

        return width == 0 || height == 0
            ? ImageHeader.Failed(DecodeStatus.Corrupt, "The JPEG has no size.", width, height)
            : null;
    }

    private readonly record struct Frame(int Width, int Height, int Components, bool IsHuffman)
    {
        public JpegKind Kind { get; init; }

        public FrameEntries Entries { get; init; }

        // The first scan is where libjpeg judges colours. RGB needs all three components at once.
        public Frame Judged(JpegColour colour, int scanComponents) =>
            Components == 3 && colour.IsRgb(Entries.Id(0), Entries.Id(1), Entries.Id(2))
            && (!Entries.HasOneSampling || (Kind == JpegKind.Sequential && scanComponents < 3))
                ? this with { Kind = JpegKind.Other }
                : this;
    }

    private readonly record struct FrameEntries
    {
        private readonly ulong _bytes;

        public FrameEntries(ReadOnlySpan<byte> entries)
        {
            for (int i = 0; i < 3; i++)
            {
                _bytes |= (ulong)BinaryPrimitives.ReadUInt16BigEndian(entries[(3 * i)..]) << (16 * i);
            }
        }

        public bool HasOneSampling => Sampling(0) == Sampling(1) && Sampling(0) == Sampling(2);

        public byte Id(int component) => (byte)(_bytes >> ((16 * component) + 8));

        private byte Sampling(int component) => (byte)(_bytes >> (16 * component));
    }
}
