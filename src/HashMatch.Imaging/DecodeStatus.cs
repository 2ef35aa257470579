namespace HashMatch.Imaging;

/// <summary>How a decode ended.</summary>
public enum DecodeStatus
{
    Ok,

    /// <summary>Not a supported format by its first bytes, or a kind of it that is not decoded.</summary>
    UnsupportedFormat,

    /// <summary>The bytes break the rules of their format.</summary>
    Corrupt,

    /// <summary>The bytes end before the picture does, or could not hold it. Part of a picture is never Ok.</summary>
    Truncated,

    /// <summary>Width, height, pixels or decode work over <see cref="ImageLimits"/>.</summary>
    TooManyPixels,

    /// <summary>More bytes than <see cref="ImageLimits.MaxImageBytes"/>.</summary>
    TooManyBytes,

    /// <summary>Under 5 pixels on a side.</summary>
    TooSmall,

    /// <summary>Over <see cref="ImageLimits.Timeout"/>, or cancelled.</summary>
    TimedOut,

    /// <summary>The decoder failed for a reason of its own: no memory, a bug, too many decodes that hang.</summary>
    DecoderFailed,
}
