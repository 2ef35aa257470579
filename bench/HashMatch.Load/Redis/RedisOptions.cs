using System.CommandLine;
using HashMatch.Load.Words;

namespace HashMatch.Load.Redis;

/// <summary>How many entries, and what is done with them.</summary>
internal sealed record RedisOptions
{
    public int Entries { get; init; }

    /// <summary>Whether entries have labels.</summary>
    public bool Labels { get; init; }

    /// <summary>Redis's appendfsync.</summary>
    public string Sync { get; init; } = "always";

    public int Replicas { get; init; }

    public int Edits { get; init; }

    public int Seed { get; init; }

    public static Command Create(Func<RedisOptions, CancellationToken, Task<int>> run)
    {
        Option<int> entries = NamedOptions.Number(
            "--entries", 1_000_000, 1, 100_000_000, "Random balanced PDQ hashes; 10M is 10 million.");
        Option<bool> labels = new("--labels")
        {
            Description = "Each with an external id, classification and severity.",
        };
        Option<string> sync = NamedOptions.Read("--sync", "everysec|always", "always", "appendfsync.", text =>
            text is "everysec" or "always" ? text : NamedOptions.Bad<string>("everysec or always"));
        Option<int> replicas = NamedOptions.Number("--replicas", 2, 1, 8, "In this process.");
        Option<int> edits = NamedOptions.Number("--edits", 100, 1, 100_000, "Entries that are added one by one.");
        Option<int> seed = NamedOptions.Number("--seed", 1, 0, int.MaxValue, "Another set of hashes.");
        var command = new Command(
            "redis",
            "Starts redis-server, loads and activates one list, starts a server on it, and adds entries one by one "
            + "while replicas in this process look hashes up.")
        {
            entries, labels, sync, replicas, edits, seed,
        };
        command.SetAction((parsed, cancellation) => run(
            new RedisOptions
            {
                Entries = parsed.GetValue(entries),
                Labels = parsed.GetValue(labels),
                Sync = parsed.GetValue(sync)!,
                Replicas = parsed.GetValue(replicas),
                Edits = parsed.GetValue(edits),
                Seed = parsed.GetValue(seed),
            },
            cancellation));
        return command;
    }
}
