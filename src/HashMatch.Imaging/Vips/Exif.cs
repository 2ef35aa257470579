using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>EXIF's orientation tag as libvips reports it.</summary>
internal static class Exif
{
    /// <summary>What makes the stored pixels upright; Original without a tag, or with one that means nothing.</summary>
    public static Orientation Upright(Image image) =>
        image.Contains("orientation") && image.Get("orientation") is int tag
            ? ExifOrientation.FromTag(tag)
            : Orientation.Original;
}
