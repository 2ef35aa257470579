namespace HashMatch.Matching.Lists;

/// <summary>Bounds on what staging holds in memory; smaller in tests.</summary>
internal sealed record StagingLimits
{
    /// <summary>Packed rows that are sorted in memory before they are spilled.</summary>
    public int BufferBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>A blob of spilled rows.</summary>
    public int SpillBytes { get; init; } = 1024 * 1024;

    /// <summary>Sorted runs that are merged at once; each holds two spilled blobs.</summary>
    public int MergeWidth { get; init; } = 48;

    /// <summary>A final segment.</summary>
    public int SegmentBytes { get; init; } = ListSegmentBuilder.MaxBytes;
}
