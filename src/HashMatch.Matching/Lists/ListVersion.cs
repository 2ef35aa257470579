using System.Text.Json.Serialization;

namespace HashMatch.Matching.Lists;

/// <summary>Immutable content of a list, and where it stands.</summary>
public sealed record ListVersion
{
    /// <summary>1, 2, 3, ... within the list; never used twice.</summary>
    public required long Number { get; init; }

    public required VersionState State { get; init; }

    public required EntryCounts Entries { get; init; }

    /// <summary>Lines that said a (type, value) again and were folded; the last one counts.</summary>
    public long Duplicates { get; init; }

    /// <summary>Bad lines that were left out on request.</summary>
    public long Skipped { get; init; }

    /// <summary>Entries that were withdrawn, and records of a source that it deleted.</summary>
    public long Removed { get; init; }

    /// <summary>Values that nothing here can match, by type; null when there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LeftOutCount>? LeftOut { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>Where it came from, as the loader named it.</summary>
    public string Source { get; init; } = "";

    /// <summary>Made by editing entries; old ones are deleted by themselves.</summary>
    public bool IsEdit { get; init; }

    /// <summary>Who staged it, or set up the exchange that did; null of versions that are older than this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StagedBy { get; init; }

    /// <summary>Who approved it; null when nobody has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ApprovedBy { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ApprovedAt { get; init; }

    /// <summary>The version that it was made from, by changes; 0: it stands for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long BasedOn { get; init; }

    /// <summary>The blob that holds the version's <see cref="VersionManifest"/>.</summary>
    public required string ManifestId { get; init; }

    /// <summary>SHA-256 of that blob, in hex: whoever vouches for the list's document vouches for the content. Null of
    /// versions that are older than this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ManifestDigest { get; init; }
}
