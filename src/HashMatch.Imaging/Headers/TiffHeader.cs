namespace HashMatch.Imaging.Headers;

/// <summary>
/// The first directory of a TIFF or BigTIFF, of either byte order (TIFF 6.0, section 2): its size, its samples, and
/// whether its strips or tiles lie inside the file.
/// </summary>
internal static class TiffHeader
{
    // Red, green, blue, black and a few extra channels; more is no picture, and asks for memory by its count alone.
    private const int MaxSamples = 8;

    private const int TagWidth = 256;
    private const int TagHeight = 257;
    private const int TagSamples = 277;
    private const int TagStripOffsets = 273;
    private const int TagStripByteCounts = 279;
    private const int TagTileOffsets = 324;
    private const int TagTileByteCounts = 325;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        bool big = image.Length > 3 && (image[2] == 43 || image[3] == 43);
        var file = new TiffFile(image, image[0] == (byte)'I', big);
        if (image.Length < (big ? 16 : 8)
            || file.Number(big ? 8UL : 4UL, big ? 8 : 4) is not ulong directory
            || file.Number(directory, big ? 8 : 2) is not ulong count)
        {
            return Truncated(0, 0);
        }

        ulong width = 0;
        ulong height = 0;
        ulong samples = 1;
        var offsets = default(TiffField);
        var lengths = default(TiffField);
        bool endsEarly = false;
        ulong at = directory + (big ? 8UL : 2UL);
        for (ulong i = 0; i < Math.Min(count, 4096); i++, at += big ? 20UL : 12UL)
        {
            if (file.Field(at) is not TiffField field)
            {
                return Truncated(width, height);
            }

            endsEarly |= !field.IsInside;
            switch (field.Tag)
            {
                case TagWidth:
                    width = file.Value(field, 0) ?? 0;
                    break;
                case TagHeight:
                    height = file.Value(field, 0) ?? 0;
                    break;
                case TagSamples:
                    samples = file.Value(field, 0) ?? 0;
                    break;
                case TagStripOffsets or TagTileOffsets:
                    offsets = field;
                    break;
                case TagStripByteCounts or TagTileByteCounts:
                    lengths = field;
                    break;
            }
        }

        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || samples == 0)
        {
            return ImageHeader.Failed(DecodeStatus.Corrupt, "The TIFF's first directory has no size.");
        }

        if (samples > MaxSamples)
        {
            return ImageHeader.Failed(
                DecodeStatus.UnsupportedFormat, "The TIFF has more than 8 channels.", (int)width, (int)height);
        }

        return Fits(file, offsets, lengths)
            ? new ImageHeader
            {
                Width = (int)width,
                Height = (int)height,
                Passes = 1,
                EndsEarly = endsEarly || file.Number(at, big ? 8 : 4) is null,
                Length = image.Length,
            }
            : Truncated(width, height);
    }

    private static ImageHeader Truncated(ulong width, ulong height) => ImageHeader.Failed(
        DecodeStatus.Truncated,
        "The TIFF points behind its own end.",
        (int)Math.Min(width, int.MaxValue),
        (int)Math.Min(height, int.MaxValue));

    private static bool Fits(TiffFile file, TiffField offsets, TiffField lengths)
    {
        ulong parts = Math.Min(offsets.Count, lengths.Count);
        for (ulong i = 0; i < parts; i++)
        {
            if (file.Value(offsets, i) is not ulong offset || file.Value(lengths, i) is not ulong length
                || offset > file.Length || length > file.Length - offset)
            {
                return false;
            }
        }

        return true;
    }
}
