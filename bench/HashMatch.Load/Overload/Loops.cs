using System.Diagnostics;

namespace HashMatch.Load.Overload;

/// <summary>Two ways to make calls.</summary>
internal static class Loops
{
    /// <summary>So many callers, each of which makes its next call when the last one is answered: what the server can
    /// do.</summary>
    /// <returns>Calls answered a second.</returns>
    public static async Task<double> ClosedAsync(
        Func<Task<CallResult>> call, int callers, TimeSpan time, CancellationToken cancellation)
    {
        long answered = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                while (Stopwatch.GetElapsedTime(start) < time && !cancellation.IsCancellationRequested)
                {
                    if (await call().ConfigureAwait(false) == CallResult.Answered)
                    {
                        Interlocked.Increment(ref answered);
                    }
                }
            },
            cancellation)));
        return answered / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// Makes calls when they are due, whatever became of those before (arrivals of a Poisson process), and takes their
    /// latency from then on.
    /// </summary>
    /// <param name="call">Makes one.</param>
    /// <param name="rate">Calls a second.</param>
    /// <param name="time">So long.</param>
    /// <param name="seed">Chooses the moments.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<PhaseRecord> OpenAsync(
        Func<Task<CallResult>> call, double rate, TimeSpan time, int seed, CancellationToken cancellation)
    {
        var record = new PhaseRecord();
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        int inFlight = 0;
        await Task.Factory.StartNew(
            () =>
            {
                double due = start;
                while (due < end && !cancellation.IsCancellationRequested)
                {
                    Wait((long)due);
                    record.Lag(Stopwatch.GetElapsedTime((long)due));
                    Interlocked.Increment(ref inFlight);
                    _ = CallAsync((long)due);
                    due += -Math.Log(1 - random.NextDouble()) / rate * Stopwatch.Frequency;
                }
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        while (Volatile.Read(ref inFlight) > 0)
        {
            await Task.Delay(5, cancellation);
        }

        return record;

        async Task CallAsync(long due)
        {
            await Task.Yield();
            try
            {
                record.Take(due, await call().ConfigureAwait(false));
            }
            finally
            {
                Interlocked.Decrement(ref inFlight);
            }
        }
    }

    // Sleeping takes a millisecond more than was said, so the last of it is slept in small pieces.
    private static void Wait(long due)
    {
        while (true)
        {
            double left = (due - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
            if (left <= 0)
            {
                return;
            }

            Thread.Sleep(left > 2 ? (int)left - 1 : left > 0.2 ? 1 : 0);
        }
    }
}
