using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>How match events are kept until the store has them.</summary>
public sealed record EventsOptions
{
    private const string DefaultFolder = "event-log";

    /// <summary>
    /// Where this server, and no other, keeps its write-ahead log of events; made when it is not there. Null: beside
    /// an SQLite store, and nowhere for a Redis. Empty: nowhere.
    /// </summary>
    public string? WalFolder { get; init; }

    /// <summary>Bytes that the log may take on disk, 1 MiB to 1 TiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxWalBytes { get; init; } = 1L << 30;

    /// <summary>Longest time that a verdict waits until its events are on disk.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The log's folder; null for none.</summary>
    /// <param name="store">The store's address.</param>
    public string? FolderFor(string store)
    {
        const string Sqlite = "sqlite:";
        return WalFolder switch
        {
            "" => null,
            { } folder => folder,
            null when store.StartsWith(Sqlite, StringComparison.Ordinal) =>
                Path.Combine(store[Sqlite.Length..].Trim(), DefaultFolder),
            null => null,
        };
    }
}
