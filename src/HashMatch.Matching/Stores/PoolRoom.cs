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

    // The client looks again behind a master's return.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);
    private static readonly Lock Gate = new();
    private static int _holders;

    private long _heldAt;
    private bool _isHeld;

    /// <summary>To be called now and then.</summary>
    /// <param name="isAway">Whether a master is away now.</param>
    public void Keep(bool isAway)
    {
        if (isAway)
        {
            _heldAt = time.GetTimestamp();
            Hold(true);
        }
        else if (_isHeld && time.GetElapsedTime(_heldAt) > Kept)
        {
            Hold(false);
        }
    }

    public void Dispose() => Hold(false);

    private void Hold(bool isHeld)
    {
        if (isHeld == _isHeld)
            return;
        lock (Gate)
        {
            _isHeld = isHeld;
            int before = _holders;
            _holders += isHeld ? 1 : -1;
            int more = (_holders > 0 ? Threads : 0) - (before > 0 ? Threads : 0);
            ThreadPool.GetMinThreads(out int workers, out int completions);
            ThreadPool.SetMinThreads(workers + more, completions);
        }
    }
}
