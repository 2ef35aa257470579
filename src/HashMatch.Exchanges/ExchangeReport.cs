namespace HashMatch.Exchanges;

/// <summary>What a run came to.</summary>
public sealed record ExchangeReport
{
    public required bool Full { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public long Pages { get; init; }

    /// <summary>Entries, removals and records that were said.</summary>
    public long Records { get; init; }

    public long Malformed { get; init; }

    /// <summary>The first malformed record, and why.</summary>
    public string? FirstMalformed { get; init; }

    /// <summary>The version that was made; 0 when there was nothing new.</summary>
    public long Version { get; init; }

    /// <summary>Whether that version is staged and waits for approval.</summary>
    public bool Waits { get; init; }

    /// <summary>Entries of the list now.</summary>
    public long Entries { get; init; }

    public long Removed { get; init; }

    /// <summary>Values that nothing here can match.</summary>
    public long LeftOut { get; init; }
}
