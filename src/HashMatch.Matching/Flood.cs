using HashMatch.Matching.Lists;

namespace HashMatch.Matching;

/// <summary>An entry that matches far above its own rate; held to Review here until its list says so.</summary>
public sealed record Flood
{
    /// <summary>The list.</summary>
    public required string List { get; init; }

    public required Guid ListId { get; init; }

    public required long ListVersion { get; init; }

    /// <summary>The entry.</summary>
    public required EntryKey Key { get; init; }

    public required string ExternalId { get; init; }

    public required string Classification { get; init; }

    public required string Severity { get; init; }

    /// <summary>The verdict that was one too many.</summary>
    public required string VerdictId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Matches within the window.</summary>
    public required long Matches { get; init; }

    /// <summary>What the entry's own rate makes of a window.</summary>
    public required double Expected { get; init; }
}
