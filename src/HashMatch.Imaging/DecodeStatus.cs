namespace HashMatch.Imaging;

/// <summary>How a decode ended.</summary>
public enum DecodeStatus
{
    Ok,

    /// <summary>Not a supported format by its first bytes.</summary>
    UnsupportedFormat,

    /// <summary>The bytes break the rules of their format.</summary>
    Corrupt,

    /// <summary>The bytes end before the picture does.</summary>
    Truncated,

    /// <summary>Width, height, pixels or decode work over <see cref="ImageLimits"/>.</summary>
    TooManyPixels,

    /// <summary>More bytes than <see cref="ImageLimits.MaxImageBytes"/>.</summary>
    TooManyBytes,

    /// <summary>Under 5 pixels on a side.</summary>
    TooSmall,

    /// <summary>Over <see cref="ImageLimits.Timeout"/>, or cancelled.</summary>
    TimedOut,

    /// <summary>The decoder failed for a reason of its own (out of memory, a bug).</summary>
    DecoderFailed,
}
