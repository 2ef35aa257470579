namespace HashMatch.Matching;

/// <summary>What is known of an upload when it is looked up.</summary>
public sealed record MatchQuery
{
    /// <summary>The hashes to look up, the upright one first; empty when there is none.</summary>
    public IReadOnlyList<OrientedHash> Hashes { get; init; } = [];

    /// <summary>Quality of the hashes, 0 to 100.</summary>
    public int Quality { get; init; }

    /// <summary>Why there are no hashes; None when there are, or when only digests were asked for.</summary>
    public UnhashableReason Reason { get; init; }

    public Digests Digests { get; init; } = Digests.None;
}
