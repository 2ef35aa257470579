using System.Diagnostics;

namespace HashMatch.Cli.Driving;

/// <summary>Two ways to make calls.</summary>
internal static class Loops
{
    // A server that refuses says when to come back; one that is asked again at once for long closes the connection.
    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(50);

    /// <summary>So many callers, each of which makes its next call when the last one is answered, or a moment after it
    /// was refused: what the server can do.</summary>
    /// <param name="call">Makes one.</param>
    /// <param name="callers">At the same time.</param>
    /// <param name="time">So long; calls that are on their way then are waited for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="record">Takes them, for whoever looks on; made here when it is not given.</param>
    public static async Task<PhaseRecord> ClosedAsync(
        Func<Task<CallResult>> call, int callers, TimeSpan time, CancellationToken cancellation,
        PhaseRecord? record = null)
    {
        record ??= new PhaseRecord();
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                while (Stopwatch.GetElapsedTime(start) < time && !cancellation.IsCancellationRequested)
                {
                    long begun = Stopwatch.GetTimestamp();
                    CallResult result = await call().ConfigureAwait(false);
                    record.Take(begun, result);
                    if (result is CallResult.Shed or CallResult.Calmed)
                    {
                        await Task.Delay(BackOff, cancellation).ConfigureAwait(false);
                    }
                }
            },
            cancellation))).ConfigureAwait(false);
        record.End();
        return record;
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
    /// <param name="record">Takes them, for whoever looks on; made here when it is not given.</param>
    public static async Task<PhaseRecord> OpenAsync(
        Func<Task<CallResult>> call, double rate, TimeSpan time, int seed, CancellationToken cancellation,
        PhaseRecord? record = null)
    {
        record ??= new PhaseRecord();
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        // The schedule itself is one of them until it is over.
        int inFlight = 1;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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
            TaskScheduler.Default).ConfigureAwait(false);
        Ended();
        await over.Task.WaitAsync(cancellation).ConfigureAwait(false);
        record.End();
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
                Ended();
            }
        }

        void Ended()
        {
            if (Interlocked.Decrement(ref inFlight) == 0)
            {
                over.TrySetResult();
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
