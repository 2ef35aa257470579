using System.Runtime.InteropServices;

namespace HashMatch.Pdq;

/// <summary>
/// Native memory for one hash, zero when it is rented and zeroed when it is given back, because it has held pixels.
/// A bounded number of buffers is kept for reuse, so that a hash allocates nothing in steady state.
/// </summary>
internal sealed unsafe class Scratch : IDisposable
{
    private const int Alignment = 64;
    private const int MaxKeptBytes = 4 * 1024 * 1024;

    private static readonly Scratch?[] Kept = new Scratch?[2 * Environment.ProcessorCount];

    private byte* _memory;
    private long _capacityBytes;
    private long _usedBytes;

    private Scratch()
    {
    }

    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>Space that <see cref="Take"/> needs for this many floats.</summary>
    public static long BytesFor(long floats) => ((floats * sizeof(float)) + Alignment - 1) & -Alignment;

    /// <summary>Zeroed memory.</summary>
    /// <exception cref="OutOfMemoryException">The host has none left.</exception>
    public static Scratch Rent(long bytes)
    {
        Scratch scratch = TakeKept() ?? new Scratch();
        scratch.Reserve(bytes);
        return scratch;
    }

    /// <summary>The next free floats, 64-byte aligned and zero.</summary>
    public float* Take(long floats)
    {
        long bytes = BytesFor(floats);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _capacityBytes - _usedBytes, nameof(floats));
        float* taken = (float*)(_memory + _usedBytes);
        _usedBytes += (int)bytes;
        return taken;
    }

    /// <summary>Zeroes what was taken and keeps the memory for the next hash, or frees it.</summary>
    public void Dispose()
    {
        NativeMemory.Clear(_memory, (nuint)_usedBytes);
        _usedBytes = 0;
        if (_capacityBytes <= MaxKeptBytes && Keep(this))
        {
            return;
        }

        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacityBytes = 0;
        GC.SuppressFinalize(this);
    }

    private static Scratch? TakeKept()
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Kept.Length; i++)
        {
            ref Scratch? slot = ref Kept[(uint)(first + i) % (uint)Kept.Length];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } scratch)
            {
                return scratch;
            }
        }

        return null;
    }

    private static bool Keep(Scratch scratch)
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Kept.Length; i++)
        {
            ref Scratch? slot = ref Kept[(uint)(first + i) % (uint)Kept.Length];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, scratch, null) is null)
            {
                return true;
            }
        }

        return false;
    }

    private void Reserve(long bytes)
    {
        if (bytes <= _capacityBytes)
        {
            return;
        }

        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacityBytes = 0;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        NativeMemory.Clear(_memory, (nuint)bytes);
        _capacityBytes = bytes;
    }
}
