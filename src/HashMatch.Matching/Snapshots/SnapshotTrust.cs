namespace HashMatch.Matching.Snapshots;

/// <summary>Which snapshots are taken.</summary>
public sealed record SnapshotTrust
{
    /// <summary>When there are any, only what one of them signed is taken, whatever <see cref="AllowUnsigned"/> says.
    /// </summary>
    public IReadOnlyList<TrustedKey> Keys { get; init; } = [];

    /// <summary>Whether a snapshot without a signature is taken.</summary>
    public bool AllowUnsigned { get; init; }
}
