using System.Diagnostics;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Hashes;

/// <summary>Takes the latencies of calls by many callers, while the time is measured.</summary>
internal sealed class CallClock
{
    private readonly Latencies _taken = new();

    public volatile bool IsRunning;

    /// <summary>Counts a call that began at this timestamp and ends now.</summary>
    public void Take(long start)
    {
        if (IsRunning)
        {
            _taken.Record(Stopwatch.GetElapsedTime(start));
        }
    }

    /// <summary>Those taken; none is taken any more.</summary>
    public Latencies Stop()
    {
        IsRunning = false;
        return _taken;
    }
}
