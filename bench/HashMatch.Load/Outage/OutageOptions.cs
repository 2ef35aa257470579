using System.CommandLine;
using HashMatch.Load.Words;

namespace HashMatch.Load.Outage;

/// <summary>How many windows, and what is asked in them.</summary>
internal sealed record OutageOptions
{
    public int Rounds { get; init; }

    public TimeSpan Window { get; init; }

    /// <summary>Between windows, for Redis to be caught up with.</summary>
    public TimeSpan Settle { get; init; }

    public TimeSpan WarmUp { get; init; }

    public int Entries { get; init; }

    /// <summary>Batches of hashes a second.</summary>
    public int HashRate { get; init; }

    /// <summary>Uploads a second.</summary>
    public int UploadRate { get; init; }

    public int Seed { get; init; }

    public static Command Create(Func<OutageOptions, CancellationToken, Task<int>> run)
    {
        Option<int> rounds = NamedOptions.Number("--rounds", 40, 2, 10_000, "Pairs of windows.");
        Option<TimeSpan> window = NamedOptions.Seconds("--window", 4, "Of each window.");
        Option<TimeSpan> settle = NamedOptions.Seconds("--settle", 2, "Behind each window without Redis.");
        Option<TimeSpan> warmUp = NamedOptions.Seconds("--warm-up", 20, "For the compilers.");
        Option<int> entries = NamedOptions.Number(
            "--entries", 100_000, 1, 100_000_000, "Random balanced PDQ hashes of the list.");
        Option<int> hashes = NamedOptions.Number("--hashes", 200, 1, 100_000, "Batches of ten hashes a second.");
        Option<int> uploads = NamedOptions.Number("--uploads", 50, 1, 100_000, "Uploads of 512x512 a second.");
        Option<int> seed = NamedOptions.Number("--seed", 1, 0, int.MaxValue, "Other entries, other moments.");
        var command = new Command(
            "outage",
            "A server on redis-server, asked at moments that are fixed before, in windows with Redis and with Redis "
            + "stopped (SIGSTOP), A B B A: what Redis's silence makes of the latency of verdicts.")
        {
            rounds, window, settle, warmUp, entries, hashes, uploads, seed,
        };
        command.SetAction((parsed, cancellation) => run(
            new OutageOptions
            {
                Rounds = parsed.GetValue(rounds),
                Window = parsed.GetValue(window),
                Settle = parsed.GetValue(settle),
                WarmUp = parsed.GetValue(warmUp),
                Entries = parsed.GetValue(entries),
                HashRate = parsed.GetValue(hashes),
                UploadRate = parsed.GetValue(uploads),
                Seed = parsed.GetValue(seed),
            },
            cancellation));
        return command;
    }
}
