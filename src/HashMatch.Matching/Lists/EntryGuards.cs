namespace HashMatch.Matching.Lists;

/// <summary>
/// The guards of one load or edit, entry by entry: no value that shows nothing, no entry that matches a canary. Forced,
/// they count what they would refuse.
/// </summary>
internal sealed class EntryGuards(CanaryTable? canaries, int maxDistance, bool force) : IDisposable
{
    /// <summary>What was let past.</summary>
    public GuardTally Passed { get; } = new();

    /// <summary>Why an entry is refused, for a person; null when it is not. Never tells the value.</summary>
    public string? Problem(HashEntry entry)
    {
        string? bare = EntryGuard.ValueProblem(entry);
        string? canary = bare is null ? canaries?.Problem(entry, maxDistance) : null;
        if (!force && (bare ?? canary) is { } refused)
        {
            return refused;
        }

        if (EntryGuard.FormProblem(entry) is { } broken)
        {
            return broken;
        }

        Passed.Unstructured += bare is null ? 0 : 1;
        Passed.Canaries += canary is null ? 0 : 1;
        return null;
    }

    public void Dispose() => canaries?.Dispose();
}
