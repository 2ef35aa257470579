using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>One list as an index holds it.</summary>
/// <param name="Name">The list.</param>
/// <param name="Version">The active version.</param>
/// <param name="Policy">The list's policy.</param>
/// <param name="Content">The version's segments, with what later ones override masked out.</param>
public sealed record IndexedList(string Name, long Version, MatchPolicy Policy, VersionContent Content)
{
    /// <summary>Tells the list from an earlier one of its name; what its sample is drawn by.</summary>
    public Guid Id { get; init; }

    /// <summary>Whether an upload is looked up in the list; a larger sample holds all of a smaller one.</summary>
    public bool LooksUp(in FindLimit limit) =>
        !Policy.IsSelective || (!(Policy.ExpiresAt <= limit.Now) && IsSampled(limit.Upload));

    /// <summary>What a match of an entry asks for.</summary>
    internal MatchAction ActionOf(ListSegment segment, int row) =>
        IsCapped(segment, row) ? MatchAction.Review : Policy.Action;

    /// <summary>Whether an entry asks for less than its list does: for a person's decision at most.</summary>
    internal bool IsCapped(ListSegment segment, int row) =>
        Policy.Action > MatchAction.Review && segment.IsDisputed(row);

    private bool IsSampled(ulong upload) =>
        Policy.SamplePercent >= 100
        || Math.BigMul(StableHash.Of(Id, upload), 100, out _) < (ulong)Policy.SamplePercent;
}
