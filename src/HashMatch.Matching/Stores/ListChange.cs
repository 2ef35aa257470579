namespace HashMatch.Matching.Stores;

/// <summary>One line of a list's change log.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Revision">The revision that the change made.</param>
/// <param name="What">A short verb: created, updated, staged, activated, rolled-back, retired, edited, deleted.</param>
/// <param name="At">When.</param>
public sealed record ListChange(string List, long Revision, string What, DateTimeOffset At);
