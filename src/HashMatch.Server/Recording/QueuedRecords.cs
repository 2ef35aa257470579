namespace HashMatch.Server.Recording;

/// <summary>Verdicts of one call, on their way to the disk together.</summary>
/// <param name="Records">At least one.</param>
/// <param name="Committed">Told whether their events are on disk; null when nobody waits for that.</param>
internal readonly record struct QueuedRecords(
    IReadOnlyList<MatchRecord> Records, TaskCompletionSource<bool>? Committed);
