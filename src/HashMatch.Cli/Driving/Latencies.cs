using HdrHistogram;

namespace HashMatch.Cli.Driving;

/// <summary>How long calls took, each to three digits. Safe for concurrent use.</summary>
/// <param name="digits">1 to 5; a histogram of fewer is smaller.</param>
internal sealed class Latencies(int digits = 3)
{
    /// <summary>What takes longer is taken for so long.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly LongHistogram _ticks = new(Longest.Ticks, digits);

    /// <summary>Calls.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _ticks.TotalCount;
            }
        }
    }

    /// <summary>Counts a call.</summary>
    public void Record(TimeSpan taken)
    {
        long ticks = Math.Clamp(taken.Ticks, 1, Longest.Ticks);
        lock (_gate)
        {
            _ticks.RecordValue(ticks);
        }
    }

    /// <summary>Counts what another has, which is over.</summary>
    public void Add(Latencies other)
    {
        lock (_gate)
        {
            _ticks.Add(other._ticks);
        }
    }

    /// <summary>The time that so many percent of the calls did not exceed; zero when there is none.</summary>
    public TimeSpan At(double percent)
    {
        lock (_gate)
        {
            return _ticks.TotalCount == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(_ticks.GetValueAtPercentile(percent));
        }
    }
}
