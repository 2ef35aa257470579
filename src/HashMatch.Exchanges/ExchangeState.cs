namespace HashMatch.Exchanges;

/// <summary>All that is known of an exchange: one document, replaced by compare-and-set.</summary>
public sealed record ExchangeState
{
    // Servers' clocks may be so far apart.
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(5);

    /// <summary>What this build writes; a newer number is refused.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    public required ExchangeDefinition Definition { get; init; }

    /// <summary>Who chose what is fetched, for lists that need two persons; null of one that is older than this.
    /// </summary>
    public string? DefinedBy { get; init; }

    /// <summary>Who fetches, or did last: whoever finds another one here has lost the exchange.</summary>
    public string? Owner { get; init; }

    /// <summary>Where the next run begins; null: at nothing.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>When the run began that fetched all.</summary>
    public DateTimeOffset? FullAt { get; init; }

    /// <summary>All that was fetched since then, in order.</summary>
    public IReadOnlyList<PageRef> Pages { get; init; } = [];

    /// <summary>The run that is under way, or was broken off.</summary>
    public ExchangeRun? Run { get; init; }

    /// <summary>Whether what is kept is not what is active: the definition was changed.</summary>
    public bool IsStale { get; init; }

    /// <summary>The version that the last run made, and of which list.</summary>
    public long MadeVersion { get; init; }

    public Guid ListId { get; init; }

    public ExchangeReport? LastRun { get; init; }

    public DateTimeOffset? LastSuccessAt { get; init; }

    public ExchangeProblem? LastProblem { get; init; }

    /// <summary>In words; null when the last attempt went well.</summary>
    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When servers fetch next; null: at once.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>Whether servers fetch now. A time that was reckoned from one that has not come yet is no reason to
    /// wait: the clock was ahead.</summary>
    public bool IsDue(DateTimeOffset now) =>
        !(NextRunAt > now) || IsAhead(LastErrorAt, now) || HasRunAhead(now);

    /// <summary>Whether the last run went by a clock that was ahead: a checkpoint that is a time lies there too, and
    /// what the exchange changes until then would be passed over.</summary>
    public bool HasRunAhead(DateTimeOffset now) =>
        IsAhead(LastSuccessAt, now) || IsAhead(LastRun?.StartedAt, now) || IsAhead(FullAt, now);

    /// <summary>Whether a time has not come yet, whosever clock it was written by.</summary>
    internal static bool IsAhead(DateTimeOffset? time, DateTimeOffset now) => time > now + Apart;
}
