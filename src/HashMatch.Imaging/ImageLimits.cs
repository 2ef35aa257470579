using System.ComponentModel.DataAnnotations;

namespace HashMatch.Imaging;

/// <summary>What an upload may ask of the decoder; checked before any pixel is decoded.</summary>
public sealed record ImageLimits
{
    /// <summary>Bytes of the file.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxImageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Width times height, as the header says.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Pixels in a row.</summary>
    [Range(5, 65535)]
    public int MaxWidth { get; init; } = 30_000;

    /// <summary>Pixels in a column.</summary>
    [Range(5, 65535)]
    public int MaxHeight { get; init; } = 30_000;

    /// <summary>Frames of an animation that are hashed, evenly spaced.</summary>
    [Range(1, 1024)]
    public int MaxFrames { get; init; } = 64;

    /// <summary>Time for one decode.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
