using System.Collections.Concurrent;
using HashMatch.Imaging.Headers;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// The worker processes that decode with native code: started when they are needed, kept warm, killed when they do what
/// they must not. A worker's fault is the DecoderFailed of its one upload. Safe for concurrent use; disposed, no worker
/// is left.
/// </summary>
public sealed class DecodeWorkers : IDisposable
{
    /// <summary>
    /// Processes that may be kept warm beyond those that work at a time: an upload behind one that had its worker
    /// killed does not wait for a process to start.
    /// </summary>
    public const int Spare = 1;

    /// <summary>Requests of one process, so that what a native library leaks does not add up.</summary>
    private const int MaxRequests = 1000;

    private readonly ImageLimits _limits;
    private readonly int _maxWorkers;
    private readonly int _maxRequests;
    private readonly SemaphoreSlim _places;
    private readonly WorkerWatch _watch = new();
    private readonly ConcurrentStack<DecodeWorker> _idle = new();
    private readonly HashSet<DecodeWorker> _all = [];
    private readonly long[] _ended = new long[(int)WorkerEnd.Retired + 1];
    private int _warm;
    private int _ending;
    private bool _isDisposed;

    /// <param name="limits">What an upload may ask for; its timeout is that of one request.</param>
    /// <param name="maxWorkers">Processes at a time, 1 or more; by default one a processor.</param>
    public DecodeWorkers(ImageLimits limits, int? maxWorkers = null)
        : this(limits, maxWorkers ?? Environment.ProcessorCount, MaxRequests)
    {
    }

    internal DecodeWorkers(ImageLimits limits, int maxWorkers, int maxRequests)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWorkers, 1);
        _limits = limits;
        _maxWorkers = maxWorkers;
        _maxRequests = maxRequests;
        _places = new SemaphoreSlim(maxWorkers);
    }

    /// <summary>What keeps the worker that was last started from doing harm; null before the first.</summary>
    public WorkerConfinement? Confinement { get; private set; }

    /// <summary>Why the last start failed; null when it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Workers that live.</summary>
    public int Alive
    {
        get
        {
            lock (_all)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>Workers that decode.</summary>
    public int Busy => _maxWorkers - _places.CurrentCount;

    /// <summary>Workers that have ended since the start.</summary>
    /// <param name="reason">Why; Retired: replaced after so many requests, by rule.</param>
    public long Ended(WorkerEnd reason) => Interlocked.Read(ref _ended[(int)reason]);

    /// <summary>Process ids of the workers that live, busy or idle.</summary>
    internal IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_all)
            {
                return [.. _all.Where(worker => worker.IsAlive).Select(worker => worker.ProcessId)];
            }
        }
    }

    /// <summary>Starts workers before they are needed, and from now on replaces those that end.</summary>
    /// <param name="count">So many, up to the number that may work at a time, and <see cref="Spare"/>.</param>
    /// <returns>Whether they could be started.</returns>
    public bool Warm(int count)
    {
        _warm = Math.Min(count, _maxWorkers + Spare);
        Refill();
        return Problem is null;
    }

    /// <summary>Has one upload hashed in a worker, while the caller waits.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="format">What it is.</param>
    /// <param name="header">What it says of itself, within the limits.</param>
    /// <param name="options">What is hashed.</param>
    /// <param name="limits">What this upload may ask for; no more bytes and pixels than the workers' own.</param>
    /// <param name="cancellation">Ends the work with <see cref="DecodeStatus.TimedOut"/>.</param>
    internal ImageHashes Hash(
        ReadOnlyMemory<byte> image,
        ImageFormat format,
        ImageHeader header,
        HashOptions options,
        ImageLimits limits,
        CancellationToken cancellation)
    {
        if (image.Length > _limits.MaxImageBytes)
        {
            return Failed(DecodeStatus.TooManyBytes, Details.TooManyBytes, format, header);
        }

        var request = new WorkerRequest { Format = format, Options = options, Limits = limits };
        return With(worker => worker.Hash(image.Span, header, request, _watch, cancellation), cancellation)
            ?? (cancellation.IsCancellationRequested
                ? Failed(DecodeStatus.TimedOut, Details.TimedOut, format, header)
                : Failed(DecodeStatus.DecoderFailed, Details.WorkerNotStarted, format, header));
    }

    /// <summary>Has a worker do what a test wants to see; null unless it gave a message back.</summary>
    internal byte[]? Drill(WorkerDrill drill, CancellationToken cancellation) =>
        With(worker => worker.Drill(drill, _watch, _limits, cancellation), cancellation);

    /// <summary>Ends all workers; requests in them end as failed.</summary>
    public void Dispose()
    {
        DecodeWorker[] workers;
        lock (_all)
        {
            _isDisposed = true;
            workers = [.. _all];
        }

        foreach (DecodeWorker worker in workers)
        {
            worker.Retire();
        }

        while (_idle.TryPop(out DecodeWorker? worker))
        {
            End(worker);
        }

        lock (_all)
        {
            while (_ending > 0)
            {
                _ = Monitor.Wait(_all);
            }
        }

        _watch.Dispose();
    }

    private static ImageHashes Failed(
        DecodeStatus status, string detail, ImageFormat format, ImageHeader header) => new()
        {
            Status = status,
            Detail = detail,
            Format = format,
            Width = header.Width,
            Height = header.Height,
            FrameCount = Math.Max(1, header.Frames),
        };

    // Null when no worker could be had.
    private T? With<T>(Func<DecodeWorker, T?> work, CancellationToken cancellation)
        where T : class
    {
        try
        {
            _places.Wait(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        DecodeWorker? worker = null;
        try
        {
            worker = Idle() ?? StartOne();
            return worker is null ? null : work(worker);
        }
        finally
        {
            GiveBack(worker);
            _ = _places.Release();
        }
    }

    private DecodeWorker? Idle()
    {
        while (_idle.TryPop(out DecodeWorker? worker))
        {
            if (worker.IsAlive)
            {
                return worker;
            }

            End(worker);
        }

        return null;
    }

    private DecodeWorker? StartOne()
    {
        DecodeWorker? worker = DecodeWorker.Start(_limits, out string problem);
        if (worker is null)
        {
            Problem = problem.Length > 0 ? problem : Details.WorkerNotStarted;
            return null;
        }

        Problem = null;
        Confinement = worker.Confinement;
        bool isLate;
        lock (_all)
        {
            _ = _all.Add(worker);
            isLate = _isDisposed;
        }

        if (isLate)
        {
            End(worker);
            return null;
        }

        return worker;
    }

    private void GiveBack(DecodeWorker? worker)
    {
        if (worker is null)
        {
            return;
        }

        bool isKept;
        lock (_all)
        {
            isKept = !_isDisposed && worker.IsAlive && worker.Answered < _maxRequests
                && _idle.Count < _maxWorkers + Spare;
            if (isKept)
            {
                _idle.Push(worker);
            }
            else
            {
                _ending++;
            }
        }

        if (!isKept)
        {
            // The answer does not wait until the system has taken back what a killed process held.
            _ = Task.Run(() => Replace(worker));
        }
    }

    private void Replace(DecodeWorker worker)
    {
        try
        {
            End(worker);
        }
        finally
        {
            lock (_all)
            {
                _ending--;
                Monitor.PulseAll(_all);
            }
        }

        Refill();
    }

    private void Refill()
    {
        while (IsShort() && StartOne() is { } worker)
        {
            GiveBack(worker);
        }
    }

    private bool IsShort()
    {
        lock (_all)
        {
            return !_isDisposed && _all.Count < _warm;
        }
    }

    private void End(DecodeWorker worker)
    {
        WorkerEnd reason = worker.EndedBy;
        Interlocked.Increment(ref _ended[(int)(reason == WorkerEnd.None ? WorkerEnd.Retired : reason)]);
        lock (_all)
        {
            _ = _all.Remove(worker);
        }

        worker.Dispose();
    }
}
