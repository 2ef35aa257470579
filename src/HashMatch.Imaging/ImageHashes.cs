using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>What is left of one upload once it is decoded and hashed; holds no pixel.</summary>
public sealed record ImageHashes
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

    /// <summary>Frames of the file; 1 for a still picture.</summary>
    public int FrameCount { get; init; } = 1;

    /// <summary>The first frame, whole, comes first; empty unless Ok.</summary>
    public IReadOnlyList<Rendition> Renditions { get; init; } = [];
}
