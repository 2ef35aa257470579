using System.Diagnostics;

namespace HashMatch.Imaging.Workers;

/// <summary>The thread that looks, every few milliseconds, whether a busy worker is over a limit.</summary>
internal sealed class WorkerWatch : IDisposable
{
    // In this time a process can touch some 20 MB, and no deadline is meant to the millisecond.
    private const int IntervalMs = 10;

    // Looks at nothing for so long before the thread sleeps: a request every now and then does not wake it.
    private const int MaxIdleRounds = 100;

    private readonly object _gate = new();
    private readonly List<DecodeWorker> _busy = [];
    private bool _isAsleep;
    private bool _isDisposed;

    public WorkerWatch() => new Thread(Loop) { IsBackground = true, Name = "HashMatch worker watch" }.Start();

    /// <summary>Looks at a worker from now on.</summary>
    public void Add(DecodeWorker worker)
    {
        lock (_gate)
        {
            _busy.Add(worker);
            if (_isAsleep)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>No longer looks at it.</summary>
    public void Remove(DecodeWorker worker)
    {
        lock (_gate)
        {
            _ = _busy.Remove(worker);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Loop()
    {
        int idleRounds = 0;
        lock (_gate)
        {
            while (!_isDisposed)
            {
                idleRounds = _busy.Count == 0 ? idleRounds + 1 : 0;
                _isAsleep = idleRounds > MaxIdleRounds;
                _ = Monitor.Wait(_gate, _isAsleep ? Timeout.Infinite : IntervalMs);
                long now = Stopwatch.GetTimestamp();
                foreach (DecodeWorker worker in _busy)
                {
                    worker.Check(now);
                }
            }
        }
    }
}
