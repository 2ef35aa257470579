using HashMatch.Gate.Measuring;

namespace HashMatch.Gate.Comparing;

/// <summary>One figure of one case, over the rounds.</summary>
internal sealed class Metric(string name, MetricKind kind, LookPlan plan, double falseAlarm)
{
    /// <summary>Throughput may be lower by this.</summary>
    private const double MaxLoss = 0.10;

    /// <summary>With fewer operations the percentile is the slowest one.</summary>
    private const int FewestForP99 = 100;

    private readonly List<double> _base = [];
    private readonly List<double> _change = [];

    public string Case => name;

    public MetricKind Kind => kind;

    public SequentialTest Test { get; } = new(
        kind == MetricKind.P99 ? 1 + MaxLoss : 1 / (1 - MaxLoss), plan, falseAlarm);

    /// <summary>The base's nanoseconds: the median of the rounds; null before the first.</summary>
    public double? Base => _base.Count == 0 ? null : Median(_base);

    /// <summary>The change's.</summary>
    public double? Change => _change.Count == 0 ? null : Median(_change);

    /// <summary>Takes a round.</summary>
    /// <param name="pairs">Slices of base and change that stood side by side.</param>
    public void Add(IReadOnlyList<(Slice Base, Slice Change)> pairs)
    {
        if (kind == MetricKind.P99)
        {
            int[] ours = [.. pairs.SelectMany(pair => pair.Change.Each)];
            int[] theirs = [.. pairs.SelectMany(pair => pair.Base.Each)];
            if (ours.Length >= FewestForP99)
            {
                Add(P99(theirs), P99(ours), (double)P99(ours) / P99(theirs));
            }
        }
        else
        {
            Add(
                Median(pairs.Select(pair => Of(pair.Base))),
                Median(pairs.Select(pair => Of(pair.Change))),
                Median(pairs.Select(pair => Of(pair.Change) / Of(pair.Base))));
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    private static int P99(int[] values)
    {
        Array.Sort(values);
        return values[(int)Math.Ceiling(values.Length * 0.99) - 1];
    }

    private double Of(Slice slice) =>
        (double)(kind == MetricKind.Time ? slice.CpuNanoseconds : slice.ClockNanoseconds) / slice.Each.Length;

    private void Add(double theirs, double ours, double ratio)
    {
        _base.Add(theirs);
        _change.Add(ours);
        Test.Add(ratio);
    }
}
