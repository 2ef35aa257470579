using System.Text.Json.Serialization;

namespace HashMatch.Matching.Lists;

/// <summary>A named collection that uploads are matched against: its policy and its versions.</summary>
public sealed record HashList
{
    /// <summary>Characters of a name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Bytes of a description.</summary>
    public const int MaxDescriptionBytes = 1024;

    /// <summary>1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.</summary>
    public required string Name { get; init; }

    /// <summary>Tells a list from an earlier one of the same name.</summary>
    public required Guid Id { get; init; }

    public string Description { get; init; } = "";

    public MatchPolicy Policy { get; init; } = new();

    /// <summary>0 when no version is active.</summary>
    public long ActiveVersion { get; init; }

    /// <summary>Version numbers in the order in which they became active, newest last: what a roll-back pops.</summary>
    public IReadOnlyList<long> Activations { get; init; } = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ListVersion> Versions { get; init; } = [];

    /// <summary>The number that the next version gets.</summary>
    public long NextVersion { get; init; } = 1;

    /// <summary>Entries that ask for Review at most; oldest first; null when there are none.</summary>
    public IReadOnlyList<QuarantinedEntry>? Quarantined { get; init; }

    /// <summary>A change that waits for somebody else's approval; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PendingChange? Pending { get; init; }

    /// <summary>Whether what changes it takes two persons. Until a version is active, nothing of it is matched.
    /// </summary>
    [JsonIgnore]
    public bool NeedsTwo => Policy.Approvals > 0;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created; rises by one with every change; what compare-and-set compares.</summary>
    public long Revision { get; init; } = 1;
}
