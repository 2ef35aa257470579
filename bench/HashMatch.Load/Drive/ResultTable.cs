using System.Globalization;
using System.Text;

namespace HashMatch.Load.Drive;

/// <summary>Results for people, as Markdown.</summary>
internal static class ResultTable
{
    /// <summary>All tables that there is something for.</summary>
    public static string Of(DriveResults results)
    {
        var text = new StringBuilder();
        DriveOptions settings = results.Settings;
        Add(text, $"{results.StartedAt:yyyy-MM-dd}, {results.Machine.Processors} processors "
            + $"({results.Machine.Processor}), client and services on them together, {results.Machine.Runtime}; load "
            + $"{results.LoadBefore ?? double.NaN:0.0} before, {results.LoadAfter ?? double.NaN:0.0} after; "
            + $"{settings.Entries:N0} entries, {settings.InFlight} calls in flight over {settings.Connections} "
            + $"connections, {settings.Method.ToString().ToLowerInvariant()}, "
            + $"{settings.Rounds} times {settings.Measured.TotalSeconds:0.#} s a loop, "
            + $"{settings.HitRate * 100_000:0.##} of 100,000 match.");
        AddTarget(text, results, "A", settings.A);
        AddTarget(text, results, "B", settings.B);
        Throughput(text, results);
        Latency(text, results);
        Comparisons(text, results);
        Goals(text, results);
        text.AppendLine();
        Add(text, results.Bad == 0
            ? $"Every answer was {(settings.IsKnown ? "the right one" : "one; what must match was not known")}."
            : $"{results.Bad} CALLS FAILED OR WERE ANSWERED WRONGLY: "
                + string.Join("; ", results.Problems.Select(each => $"{each.Key}: {each.Value}")));
        return text.ToString();
    }

    private static void AddTarget(StringBuilder text, DriveResults results, string name, TargetSpec? target)
    {
        if (target is not null)
        {
            string build = results.Builds.TryGetValue(name, out string? known) ? $", {known}" : "";
            Add(text, $"{name}: {target.Name}{build}.");
        }
    }

    private static void Throughput(StringBuilder text, DriveResults results)
    {
        text.AppendLine();
        Add(text, "| closed loop | KiB | | a second | least..most | by CPU time | p50 | p99 | refused "
            + "| client, processors | service | peak MiB |");
        Add(text, "|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (LoadFigures each in results.Figures.Where(each => each.Load is null))
        {
            PhaseFigures[] phases = Phases(results, each);
            Add(text, $"| {each.Case} | {Known(each.KibOfUpload, "N0")} | {each.Target} | "
                + $"{Number(each.PerSecond)} {each.Unit} | "
                + $"{Number(each.LeastPerSecond)}..{Number(each.MostPerSecond)} | "
                + $"{(each.PerSecondByCpu is { } byCpu ? Number(byCpu) : "-")} | "
                + $"{Ms(each.Latency.P50)} | {Ms(each.Latency.P99)} | {phases.Sum(phase => phase.Refused)} | "
                + $"{phases.Average(phase => phase.ClientProcessors):0.00} | "
                + $"{Known(phases.Average(phase => phase.ServerProcessors), "0.00")} | "
                + $"{Known(phases.Max(phase => phase.ServerPeakMib), "0")} |");
        }
    }

    private static void Latency(StringBuilder text, DriveResults results)
    {
        if (!results.Figures.Any(each => each.Load is not null))
        {
            return;
        }

        text.AppendLine();
        Add(text, "| open loop, ms | | load | offered/s | p50 | p90 | p99 | p99.9 | most | made late, p99 "
            + "| refused |");
        Add(text, $"|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (LoadFigures each in results.Figures.Where(each => each.Load is not null))
        {
            PhaseFigures[] phases = Phases(results, each);
            LatencyFigures latency = each.Latency;
            Add(text, $"| {each.Case} | {each.Target} | {each.Load:0.##} | {Number(each.OfferedPerSecond!.Value)} | "
                + $"{Ms(latency.P50)} | {Ms(latency.P90)} | {Ms(latency.P99)} | {Ms(latency.P999)} | "
                + $"{Ms(latency.Most)} | {Ms(phases.Max(phase => phase.LateP99Ms))} | "
                + $"{phases.Sum(phase => phase.Refused)} |");
        }
    }

    private static void Comparisons(StringBuilder text, DriveResults results)
    {
        if (results.Comparisons.Count == 0)
        {
            return;
        }

        text.AppendLine();
        Add(text, $"| B to A | | ratio | 95% interval | pairs |");
        Add(text, $"|---|---|---|---|---|");
        foreach (Comparison each in results.Comparisons)
        {
            string interval = each.Ratio.Low is { } low
                ? string.Create(CultureInfo.InvariantCulture, $"{low:0.000} to {each.Ratio.High:0.000}")
                : "of one pair: none";
            Add(text, $"| {each.Case} | {each.What} | {each.Ratio.Middle:0.000} | "
                + $"{interval}{(each.Ratio.IsDifferent ? "" : ", 1 is in it")} | {each.Ratio.Pairs} |");
        }
    }

    private static void Goals(StringBuilder text, DriveResults results)
    {
        if (results.Goals.Count == 0)
        {
            return;
        }

        text.AppendLine();
        Add(text, $"| goal | figure | |");
        Add(text, $"|---|---|---|");
        foreach (GoalFigure each in results.Goals)
        {
            Add(text, $"| {each.What} {(each.IsLeast ? ">=" : "<=")} {each.Goal:N0} | {Number(each.Figure)} | "
                + $"{(each.IsReached ? "reached" : "MISSED")} |");
        }
    }

    private static PhaseFigures[] Phases(DriveResults results, LoadFigures of) =>
    [
        .. results.Phases.Where(
            phase => phase.Case == of.Case && phase.Target == of.Target && phase.Load == of.Load),
    ];

    private static string Number(double number) =>
        number.ToString(number < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static string Ms(double number) =>
        number.ToString(number < 10 ? "0.00" : number < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Known(double? number, string format) =>
        number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static void Add(StringBuilder text, FormattableString line) =>
        text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Add(StringBuilder text, string line) => text.AppendLine(line);
}
