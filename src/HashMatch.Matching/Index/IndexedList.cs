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

    /// <summary>When the version became active; null when that is not known.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>Entries that ask for Review at most.</summary>
    public QuarantinedKeys Quarantined { get; init; } = QuarantinedKeys.None;

    /// <summary>Whether an upload is looked up in the list; a larger sample holds all of a smaller one.</summary>
    public bool LooksUp(in FindLimit limit) =>
        !Policy.IsSelective || (!(Policy.ExpiresAt <= limit.Now) && IsSampled(limit.Upload));

    /// <summary>What a match of an entry asks for.</summary>
    internal MatchAction ActionOf(ListSegment segment, int row, in FindLimit limit) =>
        IsCapped(segment, row, limit) ? MatchAction.Review : Policy.Action;

    /// <summary>Whether an entry asks for less than its list does: for a person's decision at most.</summary>
    internal bool IsCapped(ListSegment segment, int row, in FindLimit limit) =>
        Policy.Action > MatchAction.Review
        && (segment.IsDisputed(row)
            || (!Quarantined.IsEmpty && Quarantined.Contains(segment.KeyAt(row)))
            || (limit.Held is { } held && held.Holds(Id, segment.KeyAt(row), limit.Generation)));

    private bool IsSampled(ulong upload) =>
        Policy.SamplePercent >= 100
        || Math.BigMul(StableHash.Of(Id, upload), 100, out _) < (ulong)Policy.SamplePercent;
}
