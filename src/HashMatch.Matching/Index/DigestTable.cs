using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace HashMatch.Matching.Index;

/// <summary>
/// Rows by digest: open addressing in native memory, 8 bytes a slot (upper half a tag of the digest, lower half the row
/// from 1; 0 is free), at most four of five slots taken. It gives rows that may hold the digest, of any type, all that
/// do among them. One thread adds while others ask, each for the rows that it knows of.
/// </summary>
internal sealed unsafe class DigestTable : SafeHandle
{
    private const int SlotsForFour = 5;

    // Drawn for each process, so that nobody can choose digests that share slots.
    private static readonly ulong[] Seeds = DrawSeeds();

    private readonly ulong* _slots;
    private readonly uint _slotCount;

    /// <param name="capacity">Most rows that it takes.</param>
    public DigestTable(int capacity)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _slotCount = (uint)(BytesFor(capacity) / sizeof(ulong));
        _slots = (ulong*)NativeMemory.AllocZeroed(_slotCount, sizeof(ulong));
        SetHandle((nint)_slots);
    }

    public override bool IsInvalid => handle == 0;

    public int Capacity { get; }

    /// <summary>Rows that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes => (long)_slotCount * sizeof(ulong);

    /// <summary>Bytes of a table for so many rows: 10 a row.</summary>
    public static long BytesFor(long rows) => (((rows * SlotsForFour) / 4) + 1) * sizeof(ulong);

    /// <summary>What a digest is looked for by.</summary>
    public static ulong HashOf(HashType type, in HashValue value)
    {
        // Two multiplications of seeded halves, each folded to 64 bits.
        ulong first = Fold(value.A ^ Seeds[0], value.B ^ Seeds[1]);
        ulong second = Fold(value.C ^ Seeds[2], value.D ^ Seeds[3] ^ (ulong)type);
        return Fold(first ^ Seeds[4], second ^ Seeds[5]);
    }

    /// <summary>Adds a row behind the last; publish the new count with a volatile write.</summary>
    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(ulong hash)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException("There is no room for another digest.");
        }

        uint slot = FirstSlot(hash);
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        Volatile.Write(ref _slots[slot], (hash << 32) | (uint)++Count);
    }

    /// <summary>Where looking for a digest begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint FirstSlot(ulong hash) => (uint)(((hash >> 32) * _slotCount) >> 32);

    /// <summary>The next row below <paramref name="count"/> that may hold the digest.</summary>
    /// <param name="hash">Of the digest.</param>
    /// <param name="slot">From <see cref="FirstSlot"/>, then left alone.</param>
    /// <param name="count">Rows that the caller knows of.</param>
    /// <returns>The row; -1 when there are no more.</returns>
    public int NextRow(ulong hash, ref uint slot, int count)
    {
        while (true)
        {
            ulong taken = Volatile.Read(ref _slots[slot]);
            if (taken == 0)
            {
                return -1;
            }

            slot = Next(slot);
            int row = (int)(uint)taken - 1;
            if ((uint)(taken >> 32) == (uint)hash && row < count)
            {
                return row;
            }
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    private static ulong[] DrawSeeds()
    {
        ulong[] seeds = new ulong[6];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(seeds.AsSpan()));
        return seeds;
    }

    private uint Next(uint slot) => slot + 1 == _slotCount ? 0 : slot + 1;
}
