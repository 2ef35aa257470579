using System.Runtime.InteropServices;

namespace HashMatch.Matching.Index;

/// <summary>256-bit hashes in native memory, one behind the other.</summary>
internal sealed unsafe class HashRows : SafeHandle
{
    private readonly HashValue* _rows;

    /// <param name="capacity">Most hashes that it holds.</param>
    public HashRows(int capacity)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _rows = (HashValue*)NativeMemory.AlignedAlloc((nuint)Math.Max(capacity, 1) * (nuint)sizeof(HashValue), 64);
        SetHandle((nint)_rows);
    }

    public override bool IsInvalid => handle == 0;

    public int Capacity { get; }

    /// <summary>Hashes that were added.</summary>
    public int Count { get; private set; }

    /// <summary>The hash of a row below <see cref="Count"/>.</summary>
    public HashValue this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count);
            return _rows[row];
        }
    }

    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(in HashValue hash)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException("There is no room for another hash.");
        }

        _rows[Count++] = hash;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
