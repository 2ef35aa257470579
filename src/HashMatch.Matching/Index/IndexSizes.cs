namespace HashMatch.Matching.Index;

/// <summary>
/// When segments are gathered into larger parts. Each part costs a look-up of its own, each merge the building of all
/// that it merges.
/// </summary>
internal sealed record IndexSizes
{
    /// <summary>Rows of each kind in a delta.</summary>
    public int DeltaRows { get; init; } = 4096;

    /// <summary>Parts of up to so many rows are merged whenever there are two: tens of milliseconds of work.</summary>
    public int SmallRows { get; init; } = 256 * 1024;

    /// <summary>A larger part is merged with smaller ones once it has fewer than so many times their rows.</summary>
    public int Ratio { get; init; } = 8;

    /// <summary>Full deltas that may wait for a merge; then the writer rolls them itself.</summary>
    public int WaitingDeltas { get; init; } = 8;

    /// <summary>Most bytes that building one part may need, however many are available.</summary>
    public long MaxBuildBytes { get; init; } = long.MaxValue;
}
