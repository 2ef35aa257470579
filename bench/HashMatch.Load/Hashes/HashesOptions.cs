using System.Globalization;

namespace HashMatch.Load.Hashes;

/// <summary>What to send, and to whom.</summary>
internal sealed record HashesOptions
{
    private const string Usage =
        """
        hashes [--address URL] [--entries N] [--queries Q] [--in-flight F] [--connections C] [--seconds S]
               [--warm-up S] [--near SHARE] [--hex] [--seed N] [--upload FILE] [--set NAME=VALUE]...
               [--server FILE]

        --address URL      a server that runs already; near queries are left out, as what it holds is not known.
                           Without it a server is started over a temporary SQLite store.
        --entries N        random balanced PDQ hashes of the started server's one list (1000000)
        --queries Q        hashes of a call, 1 to 10000 (1000)
        --in-flight F      calls on their way at a time, over all connections (4)
        --connections C    HTTP/2 connections (1)
        --seconds S        measured time (10)
        --warm-up S        time before it, for the compilers of both processes (15)
        --near SHARE       share of queries that are planted near an entry, 0 to 1 (0.01)
        --hex              send hashes as 64 hex digits, not as 32 bytes
        --seed N           another set of entries and queries (1)
        --upload FILE      beside the hashes, one caller on a connection of its own uploads this picture
        --set NAME=VALUE   a setting of the started server, such as HashMatch:MaxConcurrentDecodes=1
        --server FILE      HashMatch.Server.dll of another build, to compare with

        Exit code 0: every call was answered, and rightly; 1: not so; 2: words that are not understood.
        """;

    /// <summary>Null: a server is started.</summary>
    public string? Address { get; private init; }

    public int Entries { get; private init; } = 1_000_000;

    public int Queries { get; private init; } = 1000;

    public int InFlight { get; private init; } = 4;

    public int Connections { get; private init; } = 1;

    public TimeSpan Measured { get; private init; } = TimeSpan.FromSeconds(10);

    public TimeSpan WarmUp { get; private init; } = TimeSpan.FromSeconds(15);

    /// <summary>0 to 1.</summary>
    public double Near { get; private init; } = 0.01;

    /// <summary>Whether hashes go as text.</summary>
    public bool Hex { get; private init; }

    public int Seed { get; private init; } = 1;

    /// <summary>A picture that is uploaded beside the hashes; null for none.</summary>
    public string? Upload { get; private init; }

    /// <summary>The assembly of the server that is started.</summary>
    public string Server { get; private init; } = Path.Combine(AppContext.BaseDirectory, "HashMatch.Server.dll");

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; private init; } = [];

    /// <summary>Null for words that are not understood.</summary>
    public static HashesOptions? Parse(string[] words)
    {
        var options = new HashesOptions();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--hex")
            {
                options = options with { Hex = true };
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

        return options.Address is null ? options : options with { Entries = 0, Near = 0 };
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

    private static double? Share(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
        && share <= 1 ? share : null;

    private HashesOptions? With(string name, string text) => name switch
    {
        "--address" when Uri.IsWellFormedUriString(text, UriKind.Absolute) => this with { Address = text },
        "--entries" when Number(text, 1, 200_000_000) is { } number => this with { Entries = number },
        "--queries" when Number(text, 1, 10_000) is { } number => this with { Queries = number },
        "--in-flight" when Number(text, 1, 10_000) is { } number => this with { InFlight = number },
        "--connections" when Number(text, 1, 1000) is { } number => this with { Connections = number },
        "--seconds" when Number(text, 1, 86_400) is { } number =>
            this with { Measured = TimeSpan.FromSeconds(number) },
        "--warm-up" when Number(text, 0, 3600) is { } number => this with { WarmUp = TimeSpan.FromSeconds(number) },
        "--near" when Share(text) is { } share => this with { Near = share },
        "--seed" when Number(text, 0, int.MaxValue) is { } number => this with { Seed = number },
        "--upload" when File.Exists(text) => this with { Upload = text },
        "--server" when File.Exists(text) => this with { Server = Path.GetFullPath(text) },
        "--set" when text.Contains('=', StringComparison.Ordinal) =>
            this with { Settings = [.. Settings, $"--{text}"] },
        _ => null,
    };
}
