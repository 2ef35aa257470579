namespace HashMatch.Matching.Lists;

/// <summary>What an edit of entries came to.</summary>
public sealed record EditResult(HashList List, long Added, long Replaced, long Removed, long Missing)
{
    /// <summary>The version that waits for approval; 0: the edit is active, or changed nothing.</summary>
    public long Staged { get; init; }
}
