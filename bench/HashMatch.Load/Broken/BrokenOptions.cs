using System.Globalization;

namespace HashMatch.Load.Broken;

/// <summary>Which files are sent, and how.</summary>
internal sealed record BrokenOptions
{
    private const string Usage =
        """
        broken [--folder DIR] [--count N] [--in-flight F] [--limit MS] [--mutate] [--seed N] [--address URL]
               [--set NAME=VALUE]...

        Sends broken images through Match, checks every answer, and that the server still gives right verdicts.

        --folder DIR       every file of it and of the folders below, of any kind; without it images are generated
        --count N          files at most (15000)
        --in-flight F      calls at a time, 1 to 1000 (2)
        --limit MS         longest that an answer may take (1000)
        --mutate           with a folder: break its files first, each in ways of its own, until there are N
        --seed N           other mutations (1)
        --address URL      a server that runs already; without it one is started over a temporary SQLite store
        --set NAME=VALUE   a setting of the started server, such as HashMatch:Images:Timeout=00:00:02

        Exit code 0: every file was answered within the limit, and the server lives; 1: not so; 2: words that are not
        understood.
        """;

    /// <summary>Null: images are generated.</summary>
    public string? Folder { get; private init; }

    public int Count { get; private init; } = 15_000;

    public int InFlight { get; private init; } = 2;

    public TimeSpan Limit { get; private init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the folder's files are broken first.</summary>
    public bool Mutate { get; private init; }

    public int Seed { get; private init; } = 1;

    /// <summary>Null: a server is started.</summary>
    public string? Address { get; private init; }

    /// <summary>Words for the server that is started.</summary>
    public IReadOnlyList<string> Settings { get; private init; } = [];

    /// <summary>Null for words that are not understood.</summary>
    public static BrokenOptions? Parse(string[] words)
    {
        var options = new BrokenOptions();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--mutate")
            {
                options = options with { Mutate = true };
            }
            else if (++i == words.Length || options.With(words[i - 1], words[i]) is not { } more)
            {
                return null;
            }
            else
            {
                options = more;
            }
        }

        return options.Mutate && options.Folder is null ? null : options;
    }

    /// <summary>Says what is understood.</summary>
    /// <returns>The exit code.</returns>
    public static int Explain()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most ? number : null;

    private BrokenOptions? With(string name, string text) => name switch
    {
        "--folder" when Directory.Exists(text) => this with { Folder = text },
        "--count" when Number(text, 1, 10_000_000) is { } number => this with { Count = number },
        "--in-flight" when Number(text, 1, 1000) is { } number => this with { InFlight = number },
        "--limit" when Number(text, 1, 600_000) is { } number =>
            this with { Limit = TimeSpan.FromMilliseconds(number) },
        "--seed" when Number(text, 0, int.MaxValue) is { } number => this with { Seed = number },
        "--address" when Uri.IsWellFormedUriString(text, UriKind.Absolute) => this with { Address = text },
        "--set" when text.Contains('=', StringComparison.Ordinal) =>
            this with { Settings = [.. Settings, "--set", text] },
        _ => null,
    };
}
