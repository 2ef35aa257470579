namespace HashMatch.Matching.Index;

/// <summary>Where a segment's rows are.</summary>
/// <param name="part">The part that holds them.</param>
/// <param name="pdqStart">Its first PDQ row there.</param>
/// <param name="digestStart">Its first digest row there.</param>
internal sealed class SegmentPlace(HeldPart part, int pdqStart, int digestStart)
{
    public HeldPart Part { get; } = part;

    public int PdqStart { get; } = pdqStart;

    public int DigestStart { get; } = digestStart;

    /// <summary>The last snapshot that uses the segment.</summary>
    public long UsedBy { get; set; }
}
