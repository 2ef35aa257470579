namespace HashMatch.Matching;

/// <summary>What is known of an upload when it is looked up.</summary>
public sealed record MatchQuery
{
    /// <summary>The hashes to look up, that of the first frame, whole and upright, first; empty when there is none.
    /// </summary>
    public IReadOnlyList<QueryHash> Hashes { get; init; } = [];

    /// <summary>Quality of the first hash, 0 to 100; 0 when there is none.</summary>
    public int Quality => Hashes.Count > 0 ? Hashes[0].Quality : 0;

    /// <summary>Why there are no hashes; None when there are, or when only digests were asked for.</summary>
    public UnhashableReason Reason { get; init; }

    public Digests Digests { get; init; } = Digests.None;
}
