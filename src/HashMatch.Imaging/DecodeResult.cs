using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>What became of one upload; owns its luma.</summary>
public sealed class DecodeResult : IDisposable
{
    public required DecodeStatus Status { get; init; }

    /// <summary>One sentence for a person, without any of the upload's content; empty when Ok.</summary>
    public string Detail { get; init; } = "";

    public ImageFormat Format { get; init; }

    /// <summary>Pixels in a row as stored in the file; 0 when the header could not be read.</summary>
    public int Width { get; init; }

    /// <summary>Pixels in a column as stored in the file; 0 when the header could not be read.</summary>
    public int Height { get; init; }

    /// <summary>What EXIF says must be done to the stored pixels to show the picture upright.</summary>
    public Orientation Upright { get; init; }

    /// <summary>The pixels as stored, EXIF orientation not applied; null unless Ok.</summary>
    public Luma? Luma { get; init; }

    /// <summary>Zeroes and frees the luma.</summary>
    public void Dispose() => Luma?.Dispose();
}
