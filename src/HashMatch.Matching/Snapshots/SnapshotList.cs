using System.Text.Json.Serialization;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Snapshots;

/// <summary>One list of a snapshot: what was active when it was written.</summary>
public sealed record SnapshotList
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public required MatchPolicy Policy { get; init; }

    /// <summary>The number that the version had.</summary>
    public required long Version { get; init; }

    /// <summary>Where the version came from.</summary>
    public string Source { get; init; } = "";

    /// <summary>What was left out of it, by type; null when nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LeftOutCount>? LeftOut { get; init; }

    public required EntryCounts Entries { get; init; }

    /// <summary>When the version was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the snapshot was written.</summary>
    public required DateTimeOffset ExportedAt { get; init; }
}
