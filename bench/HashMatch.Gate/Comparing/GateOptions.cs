using System.Globalization;
using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Comparing;

/// <summary>The command line.</summary>
internal sealed record GateOptions
{
    public const string Usage =
        """
        HashMatch.Gate --baseline FILE [--update-baseline] [--base DLL] [--json FILE] [--cases A,B]
                       [--profile full|fast] [--minutes N] [--without allocations,times,instructions]
        """;

    /// <summary>The base's HashMatch.Gate.dll; null when there is none.</summary>
    public string? Base { get; init; }

    public string Baseline { get; init; } = "";

    public bool UpdatesBaseline { get; init; }

    public string? Json { get; init; }

    public IReadOnlyList<string> Cases { get; init; } = GateCases.Names;

    public GateProfile Profile { get; init; } = GateProfile.Full;

    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Reads it.</summary>
    /// <exception cref="GateException">It is not understood.</exception>
    public static GateOptions Parse(string[] words)
    {
        var options = new GateOptions();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--update-baseline")
            {
                options = options with { UpdatesBaseline = true };
                continue;
            }

            string value = i + 1 < words.Length ? words[i + 1] : throw new GateException(Usage);
            options = words[i++] switch
            {
                "--base" => options with { Base = value },
                "--baseline" => options with { Baseline = value },
                "--json" => options with { Json = value },
                "--cases" => options with { Cases = Known(value.Split(','), GateCases.Names) },
                "--profile" => options with
                {
                    Profile = value switch
                    {
                        "full" => GateProfile.Full,
                        "fast" => GateProfile.Fast,
                        _ => throw new GateException(Usage),
                    },
                },
                "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out double minutes) =>
                    options with { Profile = options.Profile with { Budget = TimeSpan.FromMinutes(minutes) } },
                "--without" => options with
                {
                    Without = Known(value.Split(','), ["allocations", "times", "instructions"]),
                },
                _ => throw new GateException(Usage),
            };
        }

        return options.Baseline.Length > 0 ? options : throw new GateException(Usage);
    }

    private static string[] Known(string[] words, IReadOnlyList<string> all) =>
        Array.TrueForAll(words, all.Contains) ? words : throw new GateException($"Known: {string.Join(", ", all)}.");
}
