namespace HashMatch.Matching.Index;

/// <summary>Where readers find the index: one reference, swapped whole. It holds the newest snapshot.</summary>
public sealed class CurrentIndex : IDisposable
{
    private HashIndex? _value;

    /// <summary>
    /// The newest snapshot, to look at; null until the active versions are in. It may be replaced, and freed, at any
    /// time: who looks something up takes a lease.
    /// </summary>
    public HashIndex? Value => Volatile.Read(ref _value);

    /// <summary>Holds the newest snapshot until the lease is disposed. Takes no lock.</summary>
    /// <returns>Null until the active versions are in.</returns>
    public IndexLease? Acquire()
    {
        while (Value is { } index)
        {
            // One that is freed has been replaced since it was read.
            if (index.TryHold())
            {
                return new IndexLease(index);
            }
        }

        return null;
    }

    /// <summary>Replaces the snapshot, which is owned from here on; the old one is freed when its last lease ends.
    /// </summary>
    public void Publish(HashIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        Interlocked.Exchange(ref _value, index)?.Dispose();
    }

    public void Dispose() => Interlocked.Exchange(ref _value, null)?.Dispose();
}
