using System.Globalization;
using System.Text.Json;

namespace HashMatch.Gate.Comparing;

/// <summary>What the gate found: the table, and the same as JSON.</summary>
internal sealed class GateReport
{
    /// <summary>Instructions may be more by this.</summary>
    private const double MaxInstructions = 1.10;

    /// <summary>Of the calls of a server by a client, whose threads meet each other differently each time.</summary>
    private const double ServedTolerance = 1.05;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    private readonly List<GateRow> _rows = [];
    private readonly List<string> _notes = [];

    public IReadOnlyList<GateRow> Rows => _rows;

    public bool Passed => !_rows.Exists(row => row.IsFailure);

    /// <summary>Something that the table does not say.</summary>
    public void Note(string text) => _notes.Add(text);

    /// <summary>Bytes against the checked-in ones.</summary>
    public void AddAllocations(
        IReadOnlyDictionary<string, double> baseline, IReadOnlyDictionary<string, double> measured)
    {
        foreach ((string name, double bytes) in measured)
        {
            double? known = baseline.TryGetValue(name, out double value) ? value : null;
            double most = known is null ? 0 : IsServed(name) ? known.Value * ServedTolerance : known.Value;
            (string verdict, bool isFailure) = known is null ? ("NO BASELINE", true)
                : bytes > most ? ("GREW", true)
                : bytes < known && !IsServed(name) ? ("less: update the baseline", false)
                : ("ok", false);
            _rows.Add(new GateRow(
                name, "allocated", "B", known, bytes, known > 0 ? bytes / known : null, null, null, 0, verdict,
                isFailure));
        }
    }

    /// <summary>Times of change and base.</summary>
    public void AddTimes(IEnumerable<Metric> metrics)
    {
        foreach (Metric metric in metrics)
        {
            RatioInterval? interval = metric.Test.Interval;
            string verdict = metric.Test.Finding switch
            {
                Finding.Fine => "ok",
                Finding.Worse => metric.Kind == MetricKind.P99 ? "P99 HIGHER" : "SLOWER",
                _ => "undecided: too noisy",
            };
            _rows.Add(new GateRow(
                metric.Case, Word(metric.Kind), "us", metric.Base / 1000, metric.Change / 1000, interval?.Ratio,
                interval?.Low, interval?.High, metric.Test.Rounds, verdict, metric.Test.Finding == Finding.Worse));
        }
    }

    /// <summary>
    /// Instructions of both. They fail a case whose time is undecided; where time was measured well enough to be fine,
    /// more instructions are somebody's choice.
    /// </summary>
    public void AddInstructions(
        IReadOnlyDictionary<string, double> theirs, IReadOnlyDictionary<string, double> ours)
    {
        foreach ((string name, double count) in ours)
        {
            if (!theirs.TryGetValue(name, out double known))
            {
                continue;
            }

            bool isMore = count > known * MaxInstructions;
            bool isTimeFine = _rows.Exists(
                row => row.Case == name && row.Metric == Word(MetricKind.Time) && row.Verdict == "ok");
            _rows.Add(new GateRow(
                name, "instructions", "", known, count, count / known, null, null, 0,
                !isMore ? "ok" : isTimeFine ? "more, in no more time" : "MORE",
                isMore && !isTimeFine));
        }
    }

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter to)
    {
        string[][] cells =
        [
            ["case", "metric", "base", "change", "ratio", "interval", "rounds", "verdict"],
            .. _rows.OrderBy(row => row.Case, StringComparer.Ordinal).Select(Cells),
        ];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(i => cells.Max(row => row[i].Length))];
        foreach (string[] row in cells)
        {
            to.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }

        foreach (string note in _notes)
        {
            to.WriteLine(note);
        }

        to.WriteLine(Passed ? "gate: pass" : $"gate: FAIL ({string.Join(", ", Failures())})");
    }

    /// <summary>Writes the same for programs.</summary>
    public void WriteJson(string path) => File.WriteAllText(
        path, JsonSerializer.Serialize(new { Passed, Rows, Notes = _notes }, Indented) + "\n");

    private static bool IsServed(string name) => name.StartsWith("serve-", StringComparison.Ordinal);

    private static string Word(MetricKind kind) => kind switch
    {
        MetricKind.Time => "cpu time",
        MetricKind.Clock => "clock time",
        MetricKind.P99 => "p99",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string[] Cells(GateRow row) =>
    [
        row.Case,
        row.Metric,
        Number(row.Base, row.Unit),
        Number(row.Change, row.Unit),
        row.Ratio is { } ratio ? ratio.ToString("F3", CultureInfo.InvariantCulture) : "",
        row is { Low: { } low, High: { } high }
            ? string.Create(CultureInfo.InvariantCulture, $"{low:F3}..{high:F3}")
            : "",
        row.Rounds > 0 ? $"{row.Rounds}" : "",
        row.Verdict,
    ];

    private static string Number(double? value, string unit) => value is not { } number ? ""
        : (number.ToString(number >= 100 || number == Math.Floor(number) ? "N0" : "N2", CultureInfo.InvariantCulture)
            + $" {unit}").TrimEnd();

    private IEnumerable<string> Failures() =>
        _rows.Where(row => row.IsFailure).Select(row => $"{row.Case} {row.Metric} {row.Verdict}");
}
