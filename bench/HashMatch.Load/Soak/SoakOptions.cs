using System.Globalization;

namespace HashMatch.Load.Soak;

/// <summary>How long, and with which settings.</summary>
internal sealed record SoakOptions
{
    private const string Usage =
        """
        soak [--for TIME] [--set NAME=VALUE]...

        Starts a server over a temporary SQLite store and does all that callers do, all at once. Prints what the process
        holds over time, and fits a line to it after the first part of the time.

        --for TIME         10m, 1h, 1d, or [D.]HH:MM:SS (10m)
        --set NAME=VALUE   a setting of the started server, such as HashMatch:MaxConcurrentDecodes=1

        Exit code 0: memory, handles and threads are flat, and no call met a fault; 1: not so; 2: words that are not
        understood.
        """;

    public TimeSpan Time { get; private init; } = TimeSpan.FromMinutes(10);

    /// <summary>Words for the server that is started.</summary>
    public IReadOnlyList<string> Settings { get; private init; } = [];

    /// <summary>Null for words that are not understood.</summary>
    public static SoakOptions? Parse(string[] words)
    {
        SoakOptions? options = new();
        for (int i = 0; i + 1 < words.Length && options is not null; i += 2)
        {
            options = words[i] switch
            {
                "--for" when TimeOf(words[i + 1]) is { } time => options with { Time = time },
                "--set" when words[i + 1].Contains('=', StringComparison.Ordinal) =>
                    options with { Settings = [.. options.Settings, "--set", words[i + 1]] },
                _ => null,
            };
        }

        return words.Length % 2 == 0 ? options : null;
    }

    /// <summary>Says what is understood.</summary>
    /// <returns>The exit code.</returns>
    public static int Explain()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static TimeSpan? TimeOf(string text)
    {
        TimeSpan? unit = text.Length < 2 ? null : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        TimeSpan? time = unit is { } one
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                ? one * count
                : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan whole) ? whole : null;
        return time >= TimeSpan.FromSeconds(10) ? time : null;
    }
}
