using System.CommandLine;
using HashMatch.Load.Words;

namespace HashMatch.Load.Scale;

/// <summary>What is supposed.</summary>
internal sealed record ScaleOptions
{
    /// <summary>A second.</summary>
    public IReadOnlyList<int> Uploads { get; init; } = [1000, 10_000, 100_000, 1_000_000];

    public IReadOnlyList<int> Entries { get; init; } = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    public ReplicaMachine Machine { get; init; } = new(32, 128, 10);

    /// <summary>What Redis sends a second.</summary>
    public double StoreGbits { get; init; } = 10;

    /// <summary>Share of cores and links that is planned with.</summary>
    public double Load { get; init; } = 0.5;

    /// <summary>What a whole new version may take until it is everywhere.</summary>
    public TimeSpan ReloadWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Simulated, of each row.</summary>
    public double Seconds { get; init; } = 10;

    public ulong Seed { get; init; } = 1;

    /// <summary>A file of costs; null: those that were measured.</summary>
    public string? Costs { get; init; }

    /// <summary>Where results go; null for the tables alone, on the console.</summary>
    public string? Results { get; init; }

    public static Command Create(Func<ScaleOptions, CancellationToken, Task<int>> run)
    {
        var none = new ScaleOptions();
        Option<int[]> uploads = NamedOptions.Numbers("--uploads", [.. none.Uploads], 1, 10_000_000, "A second.");
        Option<int[]> entries = NamedOptions.Numbers(
            "--entries", [.. none.Entries], 1, 2_000_000_000, "Of all lists together; 1000M is 1 billion.");
        Option<int> cores = NamedOptions.Number("--cores", none.Machine.Cores, 1, 1024, "Of a replica's machine.");
        Option<int> memory = NamedOptions.Number(
            "--memory-gib", (int)none.Machine.GiB, 1, 100_000, "Of a replica's machine.");
        Option<int> link = NamedOptions.Number(
            "--gbits", (int)none.Machine.Gbits, 1, 1000, "A second, of a replica's link.");
        Option<int> store = NamedOptions.Number(
            "--store-gbits", (int)none.StoreGbits, 1, 100_000, "A second, that Redis sends: of all its masters.");
        Option<double> load = NamedOptions.Share("--load", none.Load, "Of cores and links, that is planned with.");
        Option<TimeSpan> reload = NamedOptions.Seconds(
            "--reload-within", none.ReloadWithin.TotalSeconds, "That a whole new version may take.");
        Option<TimeSpan> seconds = NamedOptions.Seconds("--seconds", none.Seconds, "Simulated, of each row.");
        Option<int> seed = NamedOptions.Number("--seed", (int)none.Seed, 0, int.MaxValue, "Another chance.");
        Option<string?> costs = NamedOptions.File(
            "--costs", "Costs of another machine: JSON, as `costs` in results.json.");
        Option<string?> results = NamedOptions.Text("--results", "FOLDER", "Write results.json and results.md there.");
        var command = new Command(
            "scale",
            "Calls nothing: computes and simulates from measured costs what more uploads and entries need, how a fleet "
            + "takes a failure, a change and a sharded index.")
        {
            uploads, entries, cores, memory, link, store, load, reload, seconds, seed, costs, results,
        };
        command.SetAction((parsed, cancellation) => run(
            new ScaleOptions
            {
                Uploads = parsed.GetValue(uploads)!,
                Entries = parsed.GetValue(entries)!,
                Machine = new ReplicaMachine(
                    parsed.GetValue(cores), parsed.GetValue(memory), parsed.GetValue(link)),
                StoreGbits = parsed.GetValue(store),
                Load = Math.Clamp(parsed.GetValue(load), 0.01, 0.99),
                ReloadWithin = parsed.GetValue(reload),
                Seconds = Math.Max(0.1, parsed.GetValue(seconds).TotalSeconds),
                Seed = (ulong)parsed.GetValue(seed),
                Costs = parsed.GetValue(costs),
                Results = parsed.GetValue(results),
            },
            cancellation));
        return command;
    }
}
