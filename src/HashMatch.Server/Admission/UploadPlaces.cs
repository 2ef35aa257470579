using HashMatch.Server.Access;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Admission;

/// <summary>
/// Bounds what is in hand: uploads, from their first header to their answer, and the bytes that are held for them. A
/// sender that is slow loses its place when another upload wants one, and any sender after the upload timeout.
/// </summary>
internal sealed class UploadPlaces : IDisposable
{
    /// <summary>So long a sender may be slow.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly int _maxPlaces;
    private readonly int _maxOfCaller;
    private readonly long _maxBytes;
    private readonly int _minRate;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly AdmissionMetrics? _metrics;
    private readonly ITimer _sweeper;
    private readonly LinkedList<AdmissionPlace> _receiving = [];
    private readonly LinkedList<(AdmissionPlace Place, long Bytes, TaskCompletionSource Done)> _waiting = [];
    private readonly Dictionary<string, int> _byCaller = [];
    private int _places;
    private long _bytes;

    public UploadPlaces(ServerOptions options, TimeProvider time, AdmissionMetrics? metrics)
    {
        _maxPlaces = options.MaxConcurrentDecodes + options.MaxQueuedUploads;
        _maxOfCaller = _maxPlaces - (_maxPlaces / 4);
        _maxBytes = options.MaxUploadMemoryBytes;
        _minRate = options.MinUploadBytesPerSecond;
        _timeout = options.UploadTimeout;
        _time = time;
        _metrics = metrics;
        _sweeper = time.CreateTimer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
    }

    /// <summary>Uploads that may be in hand.</summary>
    public int MaxCount => _maxPlaces;

    /// <summary>Places taken.</summary>
    public int Count => Volatile.Read(ref _places);

    /// <summary>Bytes held.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Uploads whose sender is waited for.</summary>
    public int Receiving
    {
        get
        {
            lock (_gate)
            {
                return _receiving.Count;
            }
        }
    }

    /// <summary>Most bytes that are held at a time.</summary>
    public long MaxBytes => _maxBytes;

    private TimeSpan Now => WorkOrder.Clock(_time);

    /// <summary>Takes a place; null when there is none.</summary>
    public AdmissionPlace? TryEnter(string caller)
    {
        lock (_gate)
        {
            int own = _byCaller.GetValueOrDefault(caller);
            // Whom nobody vouches for are many callers by one name.
            if (_places < _maxPlaces && (own < _maxOfCaller || caller == Callers.Anonymous))
            {
                _places++;
                _byCaller[caller] = own + 1;
                return new AdmissionPlace(this, caller, isCounted: true);
            }
        }

        EndSlowest();
        return null;
    }

    /// <summary>A stream's account of bytes: it takes no place.</summary>
    public AdmissionPlace EnterStream(string caller) => new(this, caller, isCounted: false);

    public bool TryHold(AdmissionPlace place, long bytes)
    {
        lock (_gate)
        {
            if (TryTake(place, bytes))
            {
                return true;
            }
        }

        EndSlowest();
        return false;
    }

    public async Task HoldAsync(AdmissionPlace place, long bytes, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<(AdmissionPlace Place, long Bytes, TaskCompletionSource Done)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && TryTake(place, bytes))
            {
                return;
            }

            node = _waiting.AddLast((place, bytes, done));
        }

        EndSlowest();
        await using (cancellation.UnsafeRegister(_ => done.TrySetCanceled(cancellation), null))
        {
            try
            {
                await done.Task;
            }
            catch (OperationCanceledException)
            {
                lock (_gate)
                {
                    if (node.List is not null)
                    {
                        _waiting.Remove(node);
                    }

                    Serve();
                }

                throw;
            }
        }
    }

    public void Release(AdmissionPlace place, long bytes)
    {
        lock (_gate)
        {
            bytes = Math.Min(bytes, place.Bytes);
            place.Bytes -= bytes;
            _bytes -= bytes;
            Serve();
        }
    }

    public void StartReceiving(AdmissionPlace place)
    {
        lock (_gate)
        {
            place.Began = Now;
            place.Received = 0;
            if (!place.IsGivenBack)
            {
                place.Receiving ??= _receiving.AddLast(place);
            }
        }
    }

    public void Take(AdmissionPlace place, long bytes)
    {
        lock (_gate)
        {
            place.Received += bytes;
        }
    }

    public void EndReceiving(AdmissionPlace place)
    {
        lock (_gate)
        {
            Forget(place);
        }
    }

    public void GiveBack(AdmissionPlace place)
    {
        lock (_gate)
        {
            if (place.IsGivenBack)
            {
                return;
            }

            place.IsGivenBack = true;
            Forget(place);
            _bytes -= place.Bytes;
            place.Bytes = 0;
            if (place.IsCounted)
            {
                _places--;
                int left = _byCaller.GetValueOrDefault(place.Caller) - 1;
                if (left > 0)
                {
                    _byCaller[place.Caller] = left;
                }
                else
                {
                    _byCaller.Remove(place.Caller);
                }
            }

            Serve();
        }
    }

    public void Dispose() => _sweeper.Dispose();

    private bool TryTake(AdmissionPlace place, long bytes)
    {
        if (place.IsGivenBack || bytes > _maxBytes - _bytes)
        {
            return false;
        }

        _bytes += bytes;
        place.Bytes += bytes;
        return true;
    }

    private void Forget(AdmissionPlace place)
    {
        if (place.Receiving is { } node)
        {
            _receiving.Remove(node);
            place.Receiving = null;
        }
    }

    // In order, so that a large message is not passed by small ones for ever.
    private void Serve()
    {
        while (_waiting.First is { } first)
        {
            (AdmissionPlace place, long bytes, TaskCompletionSource done) = first.Value;
            if (!place.IsGivenBack && !done.Task.IsCompleted)
            {
                if (!TryTake(place, bytes))
                {
                    return;
                }

                if (!done.TrySetResult())
                {
                    place.Bytes -= bytes;
                    _bytes -= bytes;
                }
            }

            _waiting.RemoveFirst();
        }
    }

    // Its place and bytes come back when its call ends, not now: they are in memory until then.
    private void EndSlowest()
    {
        AdmissionPlace? slowest = null;
        lock (_gate)
        {
            TimeSpan now = Now;
            double least = _minRate;
            foreach (AdmissionPlace place in _receiving)
            {
                TimeSpan age = now - place.Began;
                double rate = place.Received / age.TotalSeconds;
                if (age > Grace && rate < least && place.EndedBy is null)
                {
                    (slowest, least) = (place, rate);
                }
            }
        }

        if (slowest is not null)
        {
            _metrics?.Shed(ErrorReasons.UploadTooSlow);
            slowest.End(RpcErrors.UploadTooSlow());
        }
    }

    private void Sweep()
    {
        AdmissionPlace[] late;
        bool isTight;
        lock (_gate)
        {
            TimeSpan now = Now;
            late = [.. _receiving.Where(place => now - place.Began > _timeout)];
            isTight = _places > _maxPlaces * 3 / 4 || _bytes > _maxBytes / 4 * 3 || _waiting.Count > 0;
        }

        foreach (AdmissionPlace place in late)
        {
            place.End(RpcErrors.UploadTimedOut(_timeout));
        }

        if (isTight)
        {
            EndSlowest();
        }
    }
}
