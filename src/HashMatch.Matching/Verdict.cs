using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>The answer for one upload or query, with what it was made from.</summary>
public sealed record Verdict
{
    /// <summary>26 characters, sorting by time.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>Why there is no hash; also set beside an Exact that digests alone gave.</summary>
    public UnhashableReason Reason { get; init; }

    /// <summary>The strictest over all matches.</summary>
    public required MatchAction Action { get; init; }

    /// <summary>Strictest action first, then nearest, then by list, digests before hashes, and by value; shadow lists
    /// left out; at most the matcher's limit.</summary>
    public IReadOnlyList<Match> Matches { get; init; } = [];

    /// <summary>What all matches, listed or not, come to by class and action, each once; strictest action first, then
    /// by class. So neither their number nor their order says more.</summary>
    public IReadOnlyList<ClassMatch> ByClass { get; init; } = [];

    /// <summary>Matches of shadow lists, likewise.</summary>
    public IReadOnlyList<Match> ShadowMatches { get; init; } = [];

    /// <summary>There were more matches than are listed.</summary>
    public bool Truncated { get; init; }

    /// <summary>
    /// Matches that negative lists keep out of <see cref="Matches"/> and <see cref="ShadowMatches"/>: outcome and
    /// action were made without them. Those that are there but for a shadow list's sake come last; else in the order of
    /// matches, and at most as many.
    /// </summary>
    public IReadOnlyList<SuppressedMatch> Suppressed { get; init; } = [];

    /// <summary>There is more that is suppressed than is listed.</summary>
    public bool SuppressedTruncated { get; init; }

    /// <summary>A list that matched, or suppressed, asks for its events to be on disk before the verdict leaves.
    /// </summary>
    public bool DurableEvents { get; init; }

    /// <summary>The hash of the first frame, whole and upright; null when there is none.</summary>
    public PdqHash? Hash { get; init; }

    /// <summary>The quality of <see cref="Hash"/>, 0 to 100.</summary>
    public int Quality { get; init; }

    /// <summary>The index that was looked up.</summary>
    public required long Generation { get; init; }

    /// <summary>The versions that were looked up, by list name.</summary>
    public required IReadOnlyList<ListVersionRef> ListVersions { get; init; }
}
