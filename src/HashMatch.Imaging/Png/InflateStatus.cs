namespace HashMatch.Imaging.Png;

/// <summary>How far inflating has come.</summary>
internal enum InflateStatus
{
    Ok,

    /// <summary>The compressed data end before they should.</summary>
    Truncated,

    /// <summary>The compressed data break the rules, or the checksum is another.</summary>
    Corrupt,

    Cancelled,
}
