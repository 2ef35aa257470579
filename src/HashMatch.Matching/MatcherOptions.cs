using System.ComponentModel.DataAnnotations;

namespace HashMatch.Matching;

/// <summary>What the matcher does where no list's policy decides.</summary>
public sealed record MatcherOptions
{
    /// <summary>The action of an upload that cannot be hashed.</summary>
    public MatchAction UnhashableAction { get; init; } = MatchAction.Review;

    /// <summary>Most matches that a verdict lists.</summary>
    [Range(1, 1000)]
    public int MaxMatches { get; init; } = 100;
}
