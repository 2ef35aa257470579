using System.Globalization;

namespace HashMatch.Load.Overload;

/// <summary>How much load, for how long.</summary>
internal sealed record OverloadOptions
{
    private const string Usage =
        """
        overload [--seconds S] [--long S] [--warm-up S] [--picture FILE] [--size WxH] [--connections C]
                 [--memory-cap MIB] [--shared] [--set NAME=VALUE]...

        Starts a server with one decode at a time, on a processor of its own, and loads it from the others: as much as
        it answers (closed loop), then at moments that are fixed before, whatever it answers: half of that, twice that,
        ten times that, half again.

        --seconds S        of each phase but the next (20)
        --long S           at ten times the capacity (60)
        --warm-up S        for the compilers (20)
        --picture FILE     what is uploaded, instead of a drawn PNG
        --size WxH         of the drawn PNG (2400x1800)
        --connections C    HTTP/2 connections (4)
        --memory-cap MIB   resident memory of the server that must not be passed (512)
        --shared           leave both processes on all processors
        --set NAME=VALUE   a setting of the started server, such as HashMatch:MaxConcurrentDecodes=2

        Exit code 0: every goal was reached; 1: not so; 2: words that are not understood.
        """;

    public TimeSpan Seconds { get; private init; } = TimeSpan.FromSeconds(20);

    public TimeSpan Long { get; private init; } = TimeSpan.FromSeconds(60);

    public TimeSpan WarmUp { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>Null: a drawn one.</summary>
    public string? Picture { get; private init; }

    public int Width { get; private init; } = 2400;

    public int Height { get; private init; } = 1800;

    public int Connections { get; private init; } = 4;

    public int MemoryCapMib { get; private init; } = 512;

    /// <summary>Whether the server has no processor of its own.</summary>
    public bool IsShared { get; private init; } = Environment.ProcessorCount == 1;

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; private init; } =
    [
        "--HashMatch:MaxConcurrentDecodes=1", "--HashMatch:MaxUploadMemoryBytes=67108864",
    ];

    /// <summary>Null for words that are not understood.</summary>
    public static OverloadOptions? Parse(string[] words)
    {
        var options = new OverloadOptions();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--shared")
            {
                options = options with { IsShared = true };
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

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number >= least && number <= most ? number : null;

    private static TimeSpan? Time(string text) =>
        Number(text, 1, 86_400) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private OverloadOptions? With(string name, string text) => name switch
    {
        "--seconds" when Time(text) is { } time => this with { Seconds = time },
        "--long" when Time(text) is { } time => this with { Long = time },
        "--warm-up" when Time(text) is { } time => this with { WarmUp = time },
        "--picture" when File.Exists(text) => this with { Picture = text },
        "--size" when text.Split('x') is [string width, string height]
            && Number(width, 16, 10_000) is { } w && Number(height, 16, 10_000) is { } h =>
            this with { Width = w, Height = h },
        "--connections" when Number(text, 1, 1000) is { } number => this with { Connections = number },
        "--memory-cap" when Number(text, 1, 1_000_000) is { } number => this with { MemoryCapMib = number },
        "--set" when text.Contains('=', StringComparison.Ordinal) =>
            this with { Settings = [.. Settings, $"--{text}"] },
        _ => null,
    };
}
