using System.Globalization;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Rows of a table as they are measured, goal beside figure.</summary>
internal static class PairedTable
{
    public static void Head(string title)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine();
        Console.WriteLine("| what | against | goal | figure | min..max | ours | peer | drift |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
    }

    /// <summary>A ratio to a peer.</summary>
    /// <param name="what">What is ours.</param>
    /// <param name="peer">What it is compared with.</param>
    /// <param name="goal">Text; empty where none is set.</param>
    /// <param name="result">What was measured.</param>
    /// <param name="drift">Bits between ours and the exact hash in this run; may be empty.</param>
    public static void Row(string what, string peer, string goal, PairedResult result, string drift = "") =>
        Line(
            what,
            peer,
            goal,
            $"{Number(result.Ratio)}x",
            $"{Number(result.Least)}..{Number(result.Most)}",
            Time(result.OursMicroseconds),
            Time(result.PeerMicroseconds),
            drift);

    /// <summary>A figure that is not a ratio.</summary>
    public static void Figure(string what, string goal, string figure) => Line(what, "", goal, figure, "", "", "", "");

    /// <summary>A row that cannot be measured here.</summary>
    public static void Skip(string what, string peer, string goal, string reason) =>
        Line(what, peer, goal, $"skipped: {reason}", "", "", "", "");

    public static string Number(double value) => value.ToString(
        value >= 100 ? "f0" : value >= 10 ? "f1" : "f2", CultureInfo.InvariantCulture);

    private static string Time(double microseconds) =>
        microseconds >= 1000 ? $"{Number(microseconds / 1000)} ms" : $"{Number(microseconds)} us";

    private static void Line(params ReadOnlySpan<string> cells) =>
        Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
