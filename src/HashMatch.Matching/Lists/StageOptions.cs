namespace HashMatch.Matching.Lists;

/// <summary>How a version is staged.</summary>
public sealed record StageOptions
{
    /// <summary>Where it comes from: a file's name.</summary>
    public string Source { get; init; } = "";

    /// <summary>Leave bad lines out and count them, instead of refusing the whole.</summary>
    public bool SkipInvalid { get; init; }
}
