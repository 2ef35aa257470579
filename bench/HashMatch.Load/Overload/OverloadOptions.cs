using System.CommandLine;
using System.Globalization;
using HashMatch.Load.Words;

namespace HashMatch.Load.Overload;

/// <summary>How much load, for how long.</summary>
internal sealed record OverloadOptions
{
    public TimeSpan Seconds { get; init; }

    public TimeSpan Long { get; init; }

    public TimeSpan WarmUp { get; init; }

    /// <summary>Null: a drawn one.</summary>
    public string? Picture { get; init; }

    public (int Width, int Height) Size { get; init; }

    public int Connections { get; init; }

    public int MemoryCapMib { get; init; }

    /// <summary>Whether the server has no processor of its own.</summary>
    public bool IsShared { get; init; }

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static Command Create(Func<OverloadOptions, CancellationToken, Task<int>> run)
    {
        Option<TimeSpan> seconds = NamedOptions.Seconds("--seconds", 20, "Of each phase but the next.");
        Option<TimeSpan> longest = NamedOptions.Seconds("--long", 60, "At ten times the capacity.");
        Option<TimeSpan> warmUp = NamedOptions.Seconds("--warm-up", 20, "For the compilers.");
        Option<string?> picture = NamedOptions.File("--picture", "What is uploaded, instead of a drawn PNG.");
        Option<(int, int)> size = NamedOptions.Read("--size", "WxH", (2400, 1800), "Of the drawn PNG.", SizeOf);
        Option<int> connections = NamedOptions.Number("--connections", 4, 1, 1000, "HTTP/2 connections.");
        Option<int> cap = NamedOptions.Number(
            "--memory-cap", 512, 1, 1_000_000, "Resident memory of the server, in MiB, that must not be passed.");
        Option<bool> shared = new("--shared") { Description = "Leave both processes on all processors." };
        Option<string[]> settings = NamedOptions.Settings();
        var command = new Command(
            "overload",
            "A server with one decode at a time, on a processor of its own, loaded from the others: as much as it "
            + "answers (closed loop), then at moments that are fixed before, whatever it answers: half of that, twice "
            + "that, ten times that, half again.")
        {
            seconds, longest, warmUp, picture, size, connections, cap, shared, settings,
        };
        command.SetAction((parsed, cancellation) => run(
            new OverloadOptions
            {
                Seconds = parsed.GetValue(seconds),
                Long = parsed.GetValue(longest),
                WarmUp = parsed.GetValue(warmUp),
                Picture = parsed.GetValue(picture),
                Size = parsed.GetValue(size),
                Connections = parsed.GetValue(connections),
                MemoryCapMib = parsed.GetValue(cap),
                IsShared = parsed.GetValue(shared) || Environment.ProcessorCount == 1,
                Settings =
                [
                    "--HashMatch:MaxConcurrentDecodes=1", "--HashMatch:MaxUploadMemoryBytes=67108864",
                    .. parsed.GetValue(settings)!,
                ],
            },
            cancellation));
        return command;
    }

    /// <summary>Reads WIDTHxHEIGHT.</summary>
    /// <exception cref="FormatException">It is no such thing; the message says what was expected.</exception>
    public static (int Width, int Height) SizeOf(string text) =>
        text.Split('x') is [string width, string height] && Side(width) is { } w && Side(height) is { } h
            ? (w, h)
            : throw new FormatException("WIDTHxHEIGHT, each from 16 to 10000");

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 16 and <= 10_000
            ? side
            : null;
}
