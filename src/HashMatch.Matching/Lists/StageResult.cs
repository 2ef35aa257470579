namespace HashMatch.Matching.Lists;

/// <summary>What staging came to.</summary>
/// <param name="Version">The staged version; null when it was refused.</param>
/// <param name="Errors">The first 100 bad lines.</param>
/// <param name="ErrorCount">All bad lines that were seen.</param>
public sealed record StageResult(ListVersion? Version, IReadOnlyList<HashListError> Errors, long ErrorCount);
