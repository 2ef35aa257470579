using HashMatch.Matching.Snapshots;

namespace HashMatch.Cli.Commands;

/// <summary>What one `lists import` is to do.</summary>
internal sealed record ImportOrder
{
    public required string File { get; init; }

    /// <summary>The name that the snapshot's one list gets; null for its own.</summary>
    public string? As { get; init; }

    public required SnapshotTrust Trust { get; init; }

    /// <summary>Whether the guards are passed.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a list that exists gets the snapshot's policy and description too.</summary>
    public bool TakePolicy { get; init; }
}
