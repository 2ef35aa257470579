namespace HashMatch.Imaging;

/// <summary>Tells a format by its first bytes; names and media types are never looked at.</summary>
internal static class FormatSniffer
{
    /// <summary>Brands of an ISO media file that are looked through; AVIF writers list a handful.</summary>
    private const int MaxBrands = 32;

    /// <summary>The format, or Unknown for anything that is not decoded.</summary>
    public static ImageFormat Sniff(ReadOnlySpan<byte> image)
    {
        if (image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (IsPng(image))
        {
            return ImageFormat.Png;
        }

        if (image.StartsWith("GIF87a"u8) || image.StartsWith("GIF89a"u8))
        {
            return ImageFormat.Gif;
        }

        if (image.Length >= 12 && image.StartsWith("RIFF"u8) && image[8..12].SequenceEqual("WEBP"u8))
        {
            return ImageFormat.WebP;
        }

        return IsTiff(image) ? ImageFormat.Tiff : IsAvif(image) ? ImageFormat.Avif : ImageFormat.Unknown;
    }

    private static bool IsPng(ReadOnlySpan<byte> image) =>
        image.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);

    // 42 is TIFF, 43 is BigTIFF, in the byte order that the first two bytes name.
    private static bool IsTiff(ReadOnlySpan<byte> image) =>
        image.StartsWith("II*\0"u8) || image.StartsWith("MM\0*"u8)
        || image.StartsWith("II+\0"u8) || image.StartsWith("MM\0+"u8);

    // The major brand comes first, then four bytes of version, then the compatible brands. A picture of brand mif1
    // says only "HEIF": it is AVIF unless it says that it is HEVC.
    private static bool IsAvif(ReadOnlySpan<byte> image)
    {
        if (image.Length < 16 || !image[4..8].SequenceEqual("ftyp"u8))
        {
            return false;
        }

        uint declared = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(image);
        int end = (int)Math.Min(Math.Min(declared, (uint)image.Length), 16 + (4 * MaxBrands));
        bool heif = false;
        bool hevc = false;
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            ReadOnlySpan<byte> brand = image.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
            {
                return true;
            }

            heif |= at == 8 && (brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8));
            hevc |= brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8);
        }

        return heif && !hevc;
    }
}
