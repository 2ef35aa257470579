namespace HashMatch.Matching.Index;

/// <summary>256-bit hashes in native memory, one behind the other.</summary>
internal sealed unsafe class HashRows : NativeBlock
{
    /// <param name="capacity">Most hashes that it holds.</param>
    /// <exception cref="IndexTooLargeException">The system does not give the memory.</exception>
    public HashRows(int capacity)
        : base(BytesOf(capacity)) => Capacity = capacity;

    public int Capacity { get; }

    /// <summary>Hashes that were added.</summary>
    public int Count { get; private set; }

    /// <summary>The first hash; use it only while the block lives.</summary>
    public HashValue* First => (HashValue*)Start;

    /// <summary>The hash of a row below <see cref="Count"/>.</summary>
    public HashValue this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count);
            return First[row];
        }
    }

    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(in HashValue hash)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException("There is no room for another hash.");
        }

        First[Count++] = hash;
    }

    private static long BytesOf(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        return (long)capacity * sizeof(HashValue);
    }
}
