using HashMatch.Benchmarks.Paired;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Rows of a table as they are measured, goal beside figure.</summary>
internal static class SearchTable
{
    public static void Head(string title)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine();
        Line("entries", "what", "against", "goal", "figure", "min..max", "ours", "peer", "answers that differ");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    }

    public static void Line(params ReadOnlySpan<string> cells) =>
        Console.WriteLine($"| {string.Join(" | ", cells)} |");

    /// <summary>A figure of ours.</summary>
    public static void Figure(string entries, string what, string goal, string figure, string range = "") =>
        Line(entries, what, "", goal, figure, range, "", "", "");

    /// <summary>What cannot be measured here.</summary>
    public static void Skip(string entries, string what, string peer, string goal, string reason) =>
        Line(entries, what, peer, goal, $"skipped: {reason}", "", "", "", "");

    /// <summary>Least and most.</summary>
    public static string Range(IReadOnlyCollection<double> values, Func<double, string> text) =>
        $"{text(values.Min())}..{text(values.Max())}";

    /// <summary>Microseconds, or what is more readable.</summary>
    public static string Time(double microseconds) =>
        microseconds >= 1e6 ? $"{PairedTable.Number(microseconds / 1e6)} s"
        : microseconds >= 1000 ? $"{PairedTable.Number(microseconds / 1000)} ms"
        : $"{PairedTable.Number(microseconds)} us";
}
