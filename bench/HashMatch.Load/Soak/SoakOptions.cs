using System.CommandLine;
using System.Globalization;
using HashMatch.Load.Words;

namespace HashMatch.Load.Soak;

/// <summary>How long, and with which settings.</summary>
internal sealed record SoakOptions
{
    public TimeSpan Time { get; init; }

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static Command Create(Func<SoakOptions, CancellationToken, Task<int>> run)
    {
        Option<TimeSpan> time = NamedOptions.Read(
            "--for", "TIME", TimeSpan.FromMinutes(10), "10m, 1h, 1d, or [D.]HH:MM:SS.",
            text => TimeOf(text) ?? NamedOptions.Bad<TimeSpan>("10s or more: 10m, 1h, 1d, or [D.]HH:MM:SS"));
        Option<string[]> settings = NamedOptions.Settings();
        var command = new Command(
            "soak",
            "Does all that callers do, all at once; prints what the server process holds over time, and fits a line to "
            + "it after the first part of the time.")
        {
            time, settings,
        };
        command.SetAction((parsed, cancellation) => run(
            new SoakOptions { Time = parsed.GetValue(time), Settings = parsed.GetValue(settings)! }, cancellation));
        return command;
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
