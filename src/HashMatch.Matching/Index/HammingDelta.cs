namespace HashMatch.Matching.Index;

/// <summary>
/// A small table that grows: one thread adds while others ask, each for the rows that it knows of.
/// </summary>
internal sealed class HammingDelta : IDisposable
{
    private readonly HashRows _hashes;
    private readonly HashPlanes _planes;
    private volatile int _count;

    /// <param name="capacity">Most rows; each query looks at all that were added, 64 at a time.</param>
    /// <exception cref="IndexTooLargeException">The system does not give the memory.</exception>
    public HammingDelta(int capacity)
        : this(capacity, SignatureScan.Widest)
    {
    }

    /// <summary>For kernels of a width that the processor has.</summary>
    public HammingDelta(int capacity, VectorWidth width)
    {
        _hashes = new HashRows(capacity);
        _planes = new HashPlanes(_hashes, width);
    }

    /// <summary>Rows that were added.</summary>
    public int Count => _count;

    public int Capacity => _hashes.Capacity;

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes => _planes.Bytes;

    /// <summary>Adds a row behind the last; publish the new count with a volatile write.</summary>
    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(in HashValue hash)
    {
        _planes.Add(BitOrder.Apply(hash));
        _count = _hashes.Count;
    }

    /// <summary>Adds every row below <paramref name="count"/> that is near enough.</summary>
    /// <inheritdoc cref="HammingTable.Find"/>
    public void Find(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxDistance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDistance, 256);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _count);
        _planes.Find(BitOrder.Apply(query), maxDistance, count, found);
    }

    public void Dispose() => _planes.Dispose();
}
