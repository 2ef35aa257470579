namespace HashMatch.Exchanges.Syncing;

/// <summary>What kind of run it is.</summary>
public sealed record SyncOptions
{
    /// <summary>Whether all is fetched anew.</summary>
    public bool Full { get; init; }

    /// <summary>Whether the version passes the guards on load; the list's change log says so.</summary>
    public bool Force { get; init; }

    /// <summary>How long to wait for another process that fetches.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether an exchange that is not due, or switched off, is left alone, as a busy one is.</summary>
    public bool OnlyIfDue { get; init; }
}
