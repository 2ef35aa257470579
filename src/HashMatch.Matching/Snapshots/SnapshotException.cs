namespace HashMatch.Matching.Snapshots;

/// <summary>A snapshot is not what it must be; the reader's inside turns it into a value at its edge.</summary>
internal sealed class SnapshotException(SnapshotFault fault, string message) : IOException(message)
{
    public SnapshotFault Fault { get; } = fault;
}
