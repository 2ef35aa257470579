namespace HashMatch.Matching.Index;

/// <summary>Keeps one snapshot usable for the time of a call; its memory is freed when the last lease ends.</summary>
public sealed class IndexLease : IDisposable
{
    private HashIndex? _index;

    internal IndexLease(HashIndex index) => _index = index;

    /// <summary>The snapshot, the same one until the lease ends.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public HashIndex Index
    {
        get
        {
            HashIndex? index = Volatile.Read(ref _index);
            ObjectDisposedException.ThrowIf(index is null, this);
            return index;
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _index, null)?.Release();
}
