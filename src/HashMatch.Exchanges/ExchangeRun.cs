namespace HashMatch.Exchanges;

/// <summary>Fetching that was begun; whoever comes next goes on from here.</summary>
public sealed record ExchangeRun
{
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether it begins at nothing; what it brings takes the place of all that was kept.</summary>
    public required bool Full { get; init; }

    /// <summary>The next page; null: the first one.</summary>
    public string? Cursor { get; init; }

    /// <summary>Whether the last page is here.</summary>
    public bool Ended { get; init; }

    /// <summary>Where the next run begins, as far as pages told.</summary>
    public string? Checkpoint { get; init; }

    public IReadOnlyList<PageRef> Pages { get; init; } = [];

    /// <summary>Cursors met, as digests: a place that is met too often is a loop.</summary>
    public IReadOnlyList<string> Met { get; init; } = [];

    /// <summary>Pages fetched, those that said nothing too.</summary>
    public long Fetched { get; init; }

    /// <summary>Records that were malformed.</summary>
    public long Malformed { get; init; }

    /// <summary>The first of them, and why.</summary>
    public string? FirstMalformed { get; init; }
}
