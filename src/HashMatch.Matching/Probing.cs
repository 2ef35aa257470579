namespace HashMatch.Matching;

/// <summary>A caller that looked up many differing hashes just around one entry.</summary>
public sealed record Probing
{
    public required string Caller { get; init; }

    public required string List { get; init; }

    public required long ListVersion { get; init; }

    public required string ExternalId { get; init; }

    public required string Classification { get; init; }

    public required string Severity { get; init; }

    /// <summary>The verdict that raised the alarm.</summary>
    public required string VerdictId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Differing hashes within the window.</summary>
    public required int Hashes { get; init; }
}
