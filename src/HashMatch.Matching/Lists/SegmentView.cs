namespace HashMatch.Matching.Lists;

/// <summary>A segment within one version: which of its rows are overridden by later segments or tombstones.</summary>
/// <param name="Segment">Shared between versions.</param>
/// <param name="Masked">A bit a row, set when the row is not in the version; null when all are.</param>
internal readonly record struct SegmentView(ListSegment Segment, ulong[]? Masked)
{
    public bool IsLive(int row) => Masked is null || (Masked[row >> 6] & (1UL << row)) == 0;
}
