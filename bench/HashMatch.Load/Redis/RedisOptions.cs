using System.Globalization;

namespace HashMatch.Load.Redis;

/// <summary>How many entries, and what is done with them.</summary>
internal sealed record RedisOptions
{
    private const string Usage =
        """
        redis [--entries N] [--labels] [--sync everysec|always] [--replicas R] [--edits N] [--seed N]

        Starts redis-server, loads and activates one list, starts a server on it, and adds entries one by one while
        replicas in this process look hashes up.

        --entries N        random balanced PDQ hashes (1000000); 10M is 10 million
        --labels           each with an external id, classification and severity
        --sync WHEN        appendfsync (always)
        --replicas R       in this process, 1 to 8 (2)
        --edits N          entries that are added one by one (100)
        --seed N           another set of hashes (1)

        Exit code 0: every entry that was added was found on every replica; 2: words that are not understood.
        """;

    public int Entries { get; private init; } = 1_000_000;

    /// <summary>Whether entries have labels.</summary>
    public bool Labels { get; private init; }

    /// <summary>Redis's appendfsync.</summary>
    public string Sync { get; private init; } = "always";

    public int Replicas { get; private init; } = 2;

    public int Edits { get; private init; } = 100;

    public int Seed { get; private init; } = 1;

    /// <summary>Null for words that are not understood.</summary>
    public static RedisOptions? Parse(string[] words)
    {
        var options = new RedisOptions();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--labels")
            {
                options = options with { Labels = true };
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

        return options;
    }

    /// <summary>Says what is understood.</summary>
    /// <returns>The exit code.</returns>
    public static int Explain()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static int? Number(string text, int least, int most)
    {
        text = text.EndsWith('M') ? text[..^1] + "000000" : text;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most ? number : null;
    }

    private RedisOptions? With(string name, string text) => name switch
    {
        "--entries" when Number(text, 1, 100_000_000) is { } number => this with { Entries = number },
        "--sync" when text is "everysec" or "always" => this with { Sync = text },
        "--replicas" when Number(text, 1, 8) is { } number => this with { Replicas = number },
        "--edits" when Number(text, 1, 100_000) is { } number => this with { Edits = number },
        "--seed" when Number(text, 0, int.MaxValue) is { } number => this with { Seed = number },
        _ => null,
    };
}
