namespace HashMatch.Matching;

/// <summary>Why an upload has no hash that can be matched.</summary>
public enum UnhashableReason
{
    None,
    UnsupportedFormat,
    Corrupt,
    Truncated,
    TooManyPixels,
    TooSmall,
    LowQuality,
    TimedOut,
    TooManyBytes,
    DecoderFailed,
}
