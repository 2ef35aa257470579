namespace HashMatch.Imaging;

/// <summary>A file format, told by its first bytes.</summary>
public enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    WebP,
    Gif,
    Tiff,
    Avif,
}
