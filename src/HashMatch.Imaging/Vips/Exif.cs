using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>EXIF's orientation tag (CIPA DC-008, tag 274) as a turn.</summary>
internal static class Exif
{
    /// <summary>What makes the stored pixels upright; Original without a tag, or with one that means nothing.</summary>
    public static Orientation Upright(Image image) =>
        image.Contains("orientation") && image.Get("orientation") is int tag ? Upright(tag) : Orientation.Original;

    /// <summary>
    /// The tag says where row 0 and column 0 of the stored pixels belong. EXIF's viewers turn clockwise, an
    /// <see cref="Orientation"/> turns counter-clockwise.
    /// </summary>
    public static Orientation Upright(int tag) => tag switch
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
