using HashMatch.Pdq;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// The orientation tag of an EXIF block (CIPA DC-008, tag 274), which is a TIFF file of its own: what follows
/// "Exif\0\0" in a JPEG's APP1, or a PNG's eXIf chunk.
/// </summary>
internal static class ExifOrientation
{
    private const int OrientationTag = 274;

    // The first directory of a camera's EXIF has a dozen entries.
    private const int MaxEntries = 1024;

    /// <summary>
    /// What makes the stored pixels upright; Original for bytes that are no TIFF, that end early, or that say nothing
    /// known of it.
    /// </summary>
    public static Orientation Read(ReadOnlySpan<byte> tiff)
    {
        bool isLittleEndian = tiff.StartsWith("II*\0"u8);
        if (!isLittleEndian && !tiff.StartsWith("MM\0*"u8))
        {
            return Orientation.Original;
        }

        var file = new TiffFile(tiff, isLittleEndian, big: false);
        if (file.Number(4, 4) is not ulong directory || file.Number(directory, 2) is not ulong entries)
        {
            return Orientation.Original;
        }

        ulong count = Math.Min(entries, MaxEntries);
        for (ulong i = 0; i < count; i++)
        {
            if (file.Field(directory + 2 + (12 * i)) is not TiffField field)
            {
                break;
            }

            if (field.Tag == OrientationTag)
            {
                return file.Value(field, 0) is ulong tag and <= 8 ? FromTag((int)tag) : Orientation.Original;
            }
        }

        return Orientation.Original;
    }

    /// <summary>
    /// The tag says where row 0 and column 0 of the stored pixels belong. EXIF's viewers turn clockwise, an
    /// <see cref="Orientation"/> turns counter-clockwise.
    /// </summary>
    /// <param name="tag">1 to 8; what else is Original.</param>
    public static Orientation FromTag(int tag) => tag switch
    {
        2 => Orientation.FlippedY,
        3 => Orientation.Rotated180,
        4 => Orientation.FlippedX,
        5 => Orientation.FlippedPlus1,
        6 => Orientation.Rotated270,
        7 => Orientation.FlippedMinus1,
        8 => Orientation.Rotated90,
        _ => Orientation.Original,
    };
}
