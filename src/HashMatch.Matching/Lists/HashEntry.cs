namespace HashMatch.Matching.Lists;

/// <summary>One hash or digest of a list, with its labels. Unique in a version by (type, value).</summary>
public sealed record HashEntry
{
    /// <summary>
    /// The classification of an entry that members of an exchange disagree about: a match of it
    /// asks for review at most, whatever its list does.
    /// </summary>
    public const string Disputed = "DISPUTED";

    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxExternalIdBytes = 256;

    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxClassificationBytes = 128;

    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxSeverityBytes = 64;

    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxNoteBytes = 4096;

    public required HashType Type { get; init; }

    public required HashValue Value { get; init; }

    /// <summary>The source's own identifier.</summary>
    public string ExternalId { get; init; } = "";

    public string Classification { get; init; } = "";

    public string Severity { get; init; } = "";

    /// <summary>After this time the entry no longer matches; whole seconds.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public string Note { get; init; } = "";
}
