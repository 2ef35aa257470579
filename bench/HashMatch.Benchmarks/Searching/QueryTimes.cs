using System.Diagnostics;
using HashMatch.Benchmarks.Paired;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// Times of single queries: the wall clock's, told in nanoseconds, or the CPU time of the thread where that is less,
/// because the thread was interrupted; reading the latter takes longer than a short query's noise, and is outside what
/// the former spans. Every round has queries of its own, so that no query finds its entries in the cache because it was
/// asked before.
/// </summary>
internal sealed class QueryTimes
{
    private readonly List<double> _medians = [];
    private readonly List<double> _slowest = [];

    /// <summary>Microseconds, the median of each round.</summary>
    public IReadOnlyCollection<double> Medians => _medians;

    /// <summary>Microseconds, the 99th percentile of each round.</summary>
    public IReadOnlyCollection<double> Slowest => _slowest;

    /// <summary>The median of the rounds' medians.</summary>
    public double Median => PairedRun.Median(_medians);

    /// <summary>The median of the rounds' 99th percentiles.</summary>
    public double SlowMedian => PairedRun.Median(_slowest);

    /// <summary>Times a round.</summary>
    /// <returns>Microseconds, the median of the round.</returns>
    public double Add(ReadOnlySpan<PlannedQuery> queries, Action<PlannedQuery> find)
    {
        double[] times = new double[queries.Length];
        for (int i = 0; i < queries.Length; i++)
        {
            double cpu = ThreadClock.Now;
            long start = Stopwatch.GetTimestamp();
            find(queries[i]);
            double wall = (Stopwatch.GetTimestamp() - start) * (1e6 / Stopwatch.Frequency);
            times[i] = Math.Min(wall, ThreadClock.Now - cpu);
        }

        Array.Sort(times);
        double median = (times[times.Length / 2] + times[(times.Length - 1) / 2]) / 2;
        _medians.Add(median);
        _slowest.Add(times[(int)Math.Ceiling(0.99 * times.Length) - 1]);
        return median;
    }

    /// <summary>Asks until the JIT's last tier is there; a slow way of finding is not asked for long.</summary>
    public static void WarmUp(ReadOnlySpan<PlannedQuery> queries, Action<PlannedQuery> find)
    {
        for (int part = 0; part < 2; part++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int asked = 0; asked < 20_000 && Stopwatch.GetElapsedTime(start).TotalSeconds < 1; asked++)
            {
                find(queries[asked % queries.Length]);
            }

            // The JIT's last tier comes on a timer.
            Thread.Sleep(200);
        }
    }
}
