using HashMatch.Pdq;

namespace HashMatch.Imaging.Headers;

/// <summary>
/// What the bytes say of a picture before any pixel is decoded. A claim: what the decoder reads is checked too.
/// </summary>
internal readonly record struct ImageHeader
{
    /// <summary>Not Ok when the header alone settles it.</summary>
    public DecodeStatus Status { get; init; }

    /// <summary>Why Status is not Ok.</summary>
    public string Detail { get; init; }

    /// <summary>Pixels in a row; 0 when unknown.</summary>
    public int Width { get; init; }

    /// <summary>Pixels in a column; 0 when unknown.</summary>
    public int Height { get; init; }

    /// <summary>How often the decoder goes over the whole picture: 1, or more for the scans of a JPEG.</summary>
    public double Passes { get; init; }

    /// <summary>Most pixels that the bytes can hold, whatever they are; null where nothing is known.</summary>
    public long? MostPixels { get; init; }

    /// <summary>The structure says that there should be more bytes than there are.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Bytes from the start that the decoder needs; the rest is frames that are not looked at.</summary>
    public int Length { get; init; }

    /// <summary>A PNG with compressed text or profiles: inflating these can cost more than the picture.</summary>
    public bool HasBaggage { get; init; }

    /// <summary>What EXIF says must be done to the stored pixels; Original where it is not read here.</summary>
    public Orientation Upright { get; init; }

    /// <summary>Which decoder a JPEG is for.</summary>
    public JpegKind JpegKind { get; init; }

    public static ImageHeader Failed(DecodeStatus status, string detail, int width = 0, int height = 0) =>
        new() { Status = status, Detail = detail, Width = width, Height = height };

    /// <summary>Reads the header of a file of a known format.</summary>
    public static ImageHeader Read(ImageFormat format, ReadOnlySpan<byte> image) => format switch
    {
        ImageFormat.Jpeg => JpegHeader.Read(image),
        ImageFormat.Png => PngHeader.Read(image),
        ImageFormat.WebP => WebPHeader.Read(image),
        ImageFormat.Gif => GifHeader.Read(image),
        ImageFormat.Tiff => TiffHeader.Read(image),
        ImageFormat.Avif => AvifHeader.Read(image),
        _ => Failed(DecodeStatus.UnsupportedFormat, "The format is not supported."),
    };
}
