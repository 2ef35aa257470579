namespace HashMatch.Matching.Recovery;

/// <summary>Saved lists that cannot be used, or a folder that cannot be; the message says why, for a log.</summary>
public sealed class SnapshotUnusableException : Exception
{
    public SnapshotUnusableException()
    {
    }

    public SnapshotUnusableException(string message)
        : base(message)
    {
    }

    public SnapshotUnusableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
