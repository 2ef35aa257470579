namespace HashMatch.Matching.Lists;

/// <summary>What an edit of entries came to.</summary>
public sealed record EditResult(HashList List, long Added, long Replaced, long Removed, long Missing);
