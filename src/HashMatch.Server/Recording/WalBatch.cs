namespace HashMatch.Server.Recording;

/// <summary>Events of the write-ahead log that the store does not have yet.</summary>
/// <param name="Log">The log's id, 32 lower-case hex digits.</param>
/// <param name="First">The place of the first; the others follow without a gap.</param>
/// <param name="Documents">In their order; at least one.</param>
/// <param name="End">Where in its segment the next one begins.</param>
internal sealed record WalBatch(string Log, long First, IReadOnlyList<ReadOnlyMemory<byte>> Documents, long End)
{
    /// <summary>The place of the last.</summary>
    public long Last => First + Documents.Count - 1;
}
