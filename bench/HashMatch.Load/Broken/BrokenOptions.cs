using System.CommandLine;
using HashMatch.Load.Words;

namespace HashMatch.Load.Broken;

/// <summary>Which files are sent, and how.</summary>
internal sealed record BrokenOptions
{
    /// <summary>Null: images are generated.</summary>
    public string? Folder { get; init; }

    public int Count { get; init; }

    public int InFlight { get; init; }

    public TimeSpan Limit { get; init; }

    /// <summary>Whether the folder's files are broken first.</summary>
    public bool Mutate { get; init; }

    public int Seed { get; init; }

    /// <summary>Null: a server is started.</summary>
    public string? Address { get; init; }

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static Command Create(Func<BrokenOptions, CancellationToken, Task<int>> run)
    {
        Option<string?> folder = NamedOptions.Text(
            "--folder", "DIR",
            "Every file of it and of the folders below, of any kind; without it images are generated.",
            Directory.Exists, "a folder that exists");
        Option<int> count = NamedOptions.Number("--count", 15_000, 1, 10_000_000, "Files at most.");
        Option<int> inFlight = NamedOptions.Number("--in-flight", 2, 1, 1000, "Calls at a time.");
        Option<int> limit = NamedOptions.Number(
            "--limit", 1000, 1, 600_000, "Longest that an answer may take, in milliseconds.");
        Option<bool> mutate = new("--mutate")
        {
            Description = "With a folder: break its files first, each in ways of its own, until there are so many.",
        };
        Option<int> seed = NamedOptions.Number("--seed", 1, 0, int.MaxValue, "Other mutations.");
        Option<string?> address = NamedOptions.Address();
        Option<string[]> settings = NamedOptions.Settings();
        var command = new Command(
            "broken",
            "Sends broken images through Match, checks every answer, and that the server still gives right verdicts.")
        {
            folder, count, inFlight, limit, mutate, seed, address, settings,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(mutate) && result.GetValue(folder) is null)
            {
                result.AddError("--mutate goes with --folder");
            }
        });
        command.SetAction((parsed, cancellation) => run(
            new BrokenOptions
            {
                Folder = parsed.GetValue(folder),
                Count = parsed.GetValue(count),
                InFlight = parsed.GetValue(inFlight),
                Limit = TimeSpan.FromMilliseconds(parsed.GetValue(limit)),
                Mutate = parsed.GetValue(mutate),
                Seed = parsed.GetValue(seed),
                Address = parsed.GetValue(address),
                Settings = parsed.GetValue(settings)!,
            },
            cancellation));
        return command;
    }
}
