namespace HashMatch.Matching.Lists;

/// <summary>How a version is staged.</summary>
public sealed record StageOptions
{
    /// <summary>Where it comes from: a file's name.</summary>
    public string Source { get; init; } = "";

    /// <summary>Leave bad lines out and count them, instead of refusing the whole.</summary>
    public bool SkipInvalid { get; init; }

    /// <summary>Whether a version without any entry is good: all that a source had may be withdrawn.</summary>
    public bool AllowEmpty { get; init; }

    /// <summary>Let entries past the guards, and say so in the list's change log.</summary>
    public bool Force { get; init; }

    /// <summary>Who counts as having staged it; null: the catalog's actor.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>0: the lines are the whole version. Else they are changes to this version's content.</summary>
    public long OntoVersion { get; init; }
}
