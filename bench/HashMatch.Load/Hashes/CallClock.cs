using System.Collections.Concurrent;
using System.Diagnostics;

namespace HashMatch.Load.Hashes;

/// <summary>Takes the latencies of calls by many callers, while the time is measured.</summary>
internal sealed class CallClock
{
    private readonly ConcurrentQueue<long> _ticks = [];

    public volatile bool IsRunning;

    /// <summary>Counts a call that began at this timestamp and ends now.</summary>
    public void Take(long start)
    {
        if (IsRunning)
        {
            _ticks.Enqueue(Stopwatch.GetTimestamp() - start);
        }
    }

    /// <summary>Those taken; none is taken any more.</summary>
    public Latencies Stop()
    {
        IsRunning = false;
        return new Latencies([.. _ticks.Order().Select(
            ticks => TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency))]);
    }
}
