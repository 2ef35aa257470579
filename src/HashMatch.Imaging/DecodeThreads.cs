using System.Collections.Concurrent;

namespace HashMatch.Imaging;

/// <summary>
/// The threads that native decoders run on, so that a caller can leave at its deadline even when a decoder does not
/// look up. A decode that was left behind ends by itself; how many may be on their way is bounded.
/// </summary>
internal static class DecodeThreads
{
    private const int StackBytes = 4 * 1024 * 1024;

    // A decode that looks at its token between rows is given this long to end on its own.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    private static readonly int MaxIdle = Environment.ProcessorCount;
    private static readonly int MaxOverdue = Math.Max(4, Environment.ProcessorCount);
    private static readonly ConcurrentStack<Worker> Idle = new();
    private static int s_overdue;

    /// <summary>Decodes that were left behind and have not ended.</summary>
    public static int Overdue => Volatile.Read(ref s_overdue);

    /// <summary>So many are left behind that no other decode should begin.</summary>
    public static bool AreOverdue => Overdue >= MaxOverdue;

    /// <summary>
    /// Runs a decode to its end, or to the token's; null when it had to be left behind.
    /// </summary>
    /// <param name="decode">Must not throw, and must own all that it reads: it may outlive this call.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static DecodeResult? Run(Func<CancellationToken, DecodeResult> decode, CancellationToken cancellation)
    {
        if (!Idle.TryPop(out Worker? worker))
        {
            worker = new Worker();
        }

        var job = new Job(decode, cancellation);
        worker.Start(job);
        try
        {
            job.Ended.Wait(cancellation);
        }
        catch (OperationCanceledException)
        {
            job.Ended.Wait(Grace, CancellationToken.None);
        }

        return job.Collect();
    }

    private sealed class Job(Func<CancellationToken, DecodeResult> decode, CancellationToken cancellation)
    {
        private readonly Lock _lock = new();
        private DecodeResult? _result;
        private bool _isLeft;

        public ManualResetEventSlim Ended { get; } = new();

        public DecodeResult Run() => decode(cancellation);

        public void Hand(DecodeResult result)
        {
            lock (_lock)
            {
                _result = result;
                if (_isLeft)
                {
                    Interlocked.Decrement(ref s_overdue);
                    result.Dispose();
                }
            }

            Ended.Set();
        }

        // The result, or null when the job is left behind.
        public DecodeResult? Collect()
        {
            lock (_lock)
            {
                if (_result is null)
                {
                    _isLeft = true;
                    Interlocked.Increment(ref s_overdue);
                }

                return _result;
            }
        }
    }

    private sealed class Worker
    {
        private readonly object _gate = new();
        private Job? _job;

        public Worker()
        {
            var thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = "HashMatch decode" };
            thread.Start();
        }

        public void Start(Job job)
        {
            lock (_gate)
            {
                _job = job;
                Monitor.Pulse(_gate);
            }
        }

        private void Loop()
        {
            bool isKept = true;
            while (isKept)
            {
                Job job = Next();
                DecodeResult result = job.Run();

                // Idle before the result is handed over, or a caller's next decode would find no thread and start one.
                isKept = Idle.Count < MaxIdle;
                if (isKept)
                {
                    Idle.Push(this);
                }

                job.Hand(result);
            }
        }

        private Job Next()
        {
            lock (_gate)
            {
                while (_job is null)
                {
                    Monitor.Wait(_gate);
                }

                Job job = _job;
                _job = null;
                return job;
            }
        }
    }
}
