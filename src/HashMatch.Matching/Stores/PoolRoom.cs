namespace HashMatch.Matching.Stores;

/// <summary>
/// More threads for the pool while a master behind Sentinel is away. StackExchange.Redis looks for the new one by
/// calls that block threads of the pool, which by itself gets one or two a second: everybody's calls, verdicts too,
/// would wait that long. Not for good: with more threads than processors latencies are longer.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PoolRoom(TimeProvider time) : IDisposable
{
    /// <summary>Threads that are blocked at a time: of two connections, by timers, by events and by queries of each.
    /// </summary>
    public const int Threads = 8;

    // A server that is slow, or this process, is silent for less; the client gives a silent one up later than that.
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);

    // The client looks again behind a master's return.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);
    private static readonly Lock Gate = new();
    private static int _holders;
    private static int _added;

    private long? _silentAt;
    private long _heldAt;
    private bool _isHeld;
    private bool _isDisposed;

    /// <summary>To be called now and then.</summary>
    /// <param name="state">Of the masters now. One that refuses is there.</param>
    public void Keep(StoreState state)
    {
        lock (Gate)
        {
            long now = time.GetTimestamp();
            _silentAt = state == StoreState.Silent ? _silentAt ?? now : null;
            if (state == StoreState.Away || (_silentAt is { } since && time.GetElapsedTime(since, now) > Long))
            {
                _heldAt = now;
                Hold(!_isDisposed);
            }
            else if (_isHeld && time.GetElapsedTime(_heldAt, now) > Kept)
            {
                Hold(false);
            }
        }
    }

    /// <summary>When the client loses a connection: it begins to look at once, and whoever calls
    /// <see cref="Keep"/> now and then may have no thread to do so.</summary>
    public void ConnectionLost() => Keep(StoreState.Away);

    public void Dispose()
    {
        lock (Gate)
        {
            _isDisposed = true;
            Hold(false);
        }
    }

    private void Hold(bool isHeld)
    {
        if (isHeld == _isHeld)
            return;
        _isHeld = isHeld;
        _holders += isHeld ? 1 : -1;
        int more = (_holders > 0 ? Threads : 0) - _added;
        ThreadPool.GetMinThreads(out int workers, out int completions);
        // Refused where the pool may not have so many.
        if (more != 0 && ThreadPool.SetMinThreads(workers + more, completions))
            _added += more;
    }
}
