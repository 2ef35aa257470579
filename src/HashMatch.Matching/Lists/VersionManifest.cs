namespace HashMatch.Matching.Lists;

/// <summary>
/// The content of a version. Base segments are sorted by key across segments and do not overlap; deltas come after
/// them, oldest first, and a row of a later segment overrides the same key in an earlier one.
/// </summary>
public sealed record VersionManifest
{
    /// <summary>Format of this document and of the segments it names.</summary>
    public int Format { get; init; } = 1;

    public required IReadOnlyList<SegmentRef> Base { get; init; }

    public required IReadOnlyList<SegmentRef> Deltas { get; init; }

    public required EntryCounts Entries { get; init; }
}
