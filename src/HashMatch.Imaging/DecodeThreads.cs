using System.Collections.Concurrent;

namespace HashMatch.Imaging;

/// <summary>
/// The threads that native decoders run on, so that a caller can leave at its deadline even when a decoder does not
/// look up. A decode that was left behind ends by itself; how many may be on their way is bounded.
/// </summary>
/// <param name="maxOverdue">So many decodes may be left behind before no other should begin.</param>
internal sealed class DecodeThreads(int maxOverdue)
{
    private const int StackBytes = 4 * 1024 * 1024;

    // A decode that looks at its token between rows is given this long to end on its own.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    private static readonly int MaxIdle = Environment.ProcessorCount;

    private readonly ConcurrentStack<Worker> _idle = new();
    private int _overdue;

    /// <summary>The process's own; native memory and cores are common to all decoders.</summary>
    public static DecodeThreads Common { get; } = new(Math.Max(4, Environment.ProcessorCount));

    /// <summary>Decodes that were left behind and have not ended.</summary>
    public int Overdue => Volatile.Read(ref _overdue);

    /// <summary>So many are left behind that no other decode should begin.</summary>
    public bool IsFull => Overdue >= maxOverdue;

    /// <summary>
    /// Runs a decode to its end, or to the token's; null when it had to be left behind.
    /// </summary>
    /// <param name="decode">Must not throw, and must own all that it reads: it may outlive this call.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ImageHashes? Run(Func<CancellationToken, ImageHashes> decode, CancellationToken cancellation)
    {
        if (!_idle.TryPop(out Worker? worker))
        {
            worker = new Worker(this);
        }

        var job = new Job(this, decode, cancellation);
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

    private sealed class Job(
        DecodeThreads threads, Func<CancellationToken, ImageHashes> decode, CancellationToken cancellation)
    {
        private readonly Lock _lock = new();
        private ImageHashes? _result;
        private bool _isLeft;

        public ManualResetEventSlim Ended { get; } = new();

        public ImageHashes Run() => decode(cancellation);

        public void Hand(ImageHashes result)
        {
            lock (_lock)
            {
                _result = result;
                if (_isLeft)
                {
                    Interlocked.Decrement(ref threads._overdue);
                }
            }

            Ended.Set();
        }

        // The result, or null when the job is left behind.
        public ImageHashes? Collect()
        {
            lock (_lock)
            {
                if (_result is null)
                {
                    _isLeft = true;
                    Interlocked.Increment(ref threads._overdue);
                }

                return _result;
            }
        }
    }

    private sealed class Worker
    {
        private readonly object _gate = new();
        private readonly DecodeThreads _threads;
        private Job? _job;

        public Worker(DecodeThreads threads)
        {
            _threads = threads;
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
                ImageHashes result = job.Run();

                // Idle before the result is handed over, or a caller's next decode would find no thread and start one.
                isKept = _threads._idle.Count < MaxIdle;
                if (isKept)
                {
                    _threads._idle.Push(this);
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
