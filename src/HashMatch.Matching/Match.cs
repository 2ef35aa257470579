using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>One entry that a list's policy accepts for an upload.</summary>
public sealed record Match
{
    public required string List { get; init; }

    public required long ListVersion { get; init; }

    /// <summary>What the list's policy calls it.</summary>
    public string ListClass { get; init; } = "";

    public required string ExternalId { get; init; }

    public required string Classification { get; init; }

    public required string Severity { get; init; }

    public required HashType Type { get; init; }

    /// <summary>Differing bits, 0 to 63; 0 for a digest.</summary>
    public required int Distance { get; init; }

    /// <summary>Which orientation of the upright upload matched.</summary>
    public required Orientation Orientation { get; init; }

    /// <summary>Which frame of an animation matched, from 0; 0 for a still picture and for a digest.</summary>
    public int Frame { get; init; }

    /// <summary>What was done to the pixels that matched; Whole for a digest.</summary>
    public QueryRendition Rendition { get; init; }

    /// <summary>What the list's policy asks for; of an entry that only a person may decide about, at most Review.
    /// </summary>
    public required MatchAction Action { get; init; }
}
