using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// Brute force that has nothing in common with the index: 512 rows stand upright, a plane of them for each of the 256
/// bits, and the differing bits of all 512 are counted at once, in counters that stand upright too. A count below 64
/// has none of its upper three bits set, so that nothing is compared. What is near is counted once more, row by row.
/// </summary>
internal sealed unsafe class BitPlanes : IDisposable
{
    /// <summary>The largest distance that is found.</summary>
    public const int MaxDistance = 63;

    private const int Bits = 256;
    private const int Lanes = 512;

    // Counted before the first look: of 192 bits unrelated hashes differ in 96 on average, and hardly ever in 63.
    private const int FirstBits = 192;

    private readonly HashValue* _rows;
    private readonly Vector512<ulong>* _planes;
    private readonly int _blocks;

    /// <param name="source">Copied, twice.</param>
    public BitPlanes(IHashSource source)
    {
        Count = checked((int)source.Count);
        _blocks = (Count + Lanes - 1) / Lanes;
        _rows = (HashValue*)NativeMemory.AlignedAlloc(Bytes(Count) / 2, 64);
        _planes = (Vector512<ulong>*)NativeMemory.AlignedAlloc(Bytes(Count) / 2, 64);
        NativeMemory.Clear(_rows, Bytes(Count) / 2);
        for (int block = 0; block < _blocks; block++)
        {
            int first = block * Lanes;
            source.Fill(first, new Span<HashValue>(_rows + first, Math.Min(Lanes, Count - first)));
            SetUp(block);
        }
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>The hash of a row.</summary>
    public HashValue this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count);
            return _rows[row];
        }
    }

    /// <summary>Bytes for so many rows.</summary>
    public static nuint Bytes(long rows) => (nuint)(2 * 32 * Math.Max((rows + Lanes - 1) / Lanes, 1) * Lanes);

    /// <summary>Adds, for each query, every row within <see cref="MaxDistance"/>, in ascending order.</summary>
    /// <param name="queries">Kept in the inner cache: a few dozen.</param>
    /// <param name="found">A list for each query.</param>
    public void Find(ReadOnlySpan<HashValue> queries, ReadOnlySpan<List<NearRow>> found)
    {
        ulong[] masks = new ulong[Bits * queries.Length];
        for (int query = 0; query < queries.Length; query++)
        {
            for (int bit = 0; bit < Bits; bit++)
            {
                masks[(query * Bits) + bit] = Bit(queries[query], bit) ? ulong.MaxValue : 0;
            }
        }

        fixed (ulong* all = masks)
        {
            for (int block = 0; block < _blocks; block++)
            {
                for (int query = 0; query < queries.Length; query++)
                {
                    Vector512<ulong> near = Near(_planes + ((long)block * Bits), all + (query * Bits));
                    if (near != Vector512<ulong>.Zero)
                    {
                        Add(block, near, queries[query], found[query]);
                    }
                }
            }
        }
    }

    /// <summary>The plainest loop, bit by bit, over all rows: what <see cref="Find"/> is checked against.</summary>
    public void FindPlainly(in HashValue query, List<NearRow> found)
    {
        for (int row = 0; row < Count; row++)
        {
            int distance = PlainDistance(_rows[row], query);
            if (distance <= MaxDistance)
            {
                found.Add(new NearRow(row, distance));
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_planes);
    }

    // Bits that differ, one at a time, without a population count.
    private static int PlainDistance(in HashValue left, in HashValue right)
    {
        int distance = 0;
        foreach (ulong word in (ReadOnlySpan<ulong>)
            [left.A ^ right.A, left.B ^ right.B, left.C ^ right.C, left.D ^ right.D])
        {
            for (ulong bits = word; bits != 0; bits &= bits - 1)
            {
                distance++;
            }
        }

        return distance;
    }

    private static bool Bit(in HashValue value, int bit)
    {
        ulong word = (bit / 64) switch { 0 => value.A, 1 => value.B, 2 => value.C, _ => value.D };
        return ((word >> (bit % 64)) & 1) != 0;
    }

    // Lanes whose rows are within MaxDistance. A carry-save adder takes two planes and a counter of their weight to
    // that counter and a carry; sixteen planes make one carry of weight 16, and above that carries are added plainly.
    private static Vector512<ulong> Near(Vector512<ulong>* planes, ulong* query)
    {
        Vector512<ulong> ones = default;
        Vector512<ulong> twos = default;
        Vector512<ulong> fours = default;
        Vector512<ulong> eights = default;
        Vector512<ulong> sixteens = default;
        Vector512<ulong> thirtyTwos = default;
        Vector512<ulong> over = default;
        for (int bit = 0; bit < Bits; bit += 16)
        {
            Vector512<ulong> carry = Sixteen(planes + bit, query + bit, ref ones, ref twos, ref fours, ref eights);
            Vector512<ulong> both = sixteens & carry;
            sixteens ^= carry;
            over |= thirtyTwos & both;
            thirtyTwos ^= both;
            if (bit >= FirstBits - 16 && over == Vector512<ulong>.AllBitsSet)
            {
                return default;
            }
        }

        return ~over;
    }

    private static Vector512<ulong> Sixteen(
        Vector512<ulong>* planes,
        ulong* query,
        ref Vector512<ulong> ones,
        ref Vector512<ulong> twos,
        ref Vector512<ulong> fours,
        ref Vector512<ulong> eights)
    {
        Vector512<ulong> firstEight = Eight(planes, query, ref ones, ref twos, ref fours);
        Vector512<ulong> secondEight = Eight(planes + 8, query + 8, ref ones, ref twos, ref fours);
        return Add(ref eights, firstEight, secondEight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Eight(
        Vector512<ulong>* planes,
        ulong* query,
        ref Vector512<ulong> ones,
        ref Vector512<ulong> twos,
        ref Vector512<ulong> fours)
    {
        Vector512<ulong> a = Two(planes, query, ref ones);
        Vector512<ulong> b = Two(planes + 2, query + 2, ref ones);
        Vector512<ulong> c = Add(ref twos, a, b);
        a = Two(planes + 4, query + 4, ref ones);
        b = Two(planes + 6, query + 6, ref ones);
        return Add(ref fours, c, Add(ref twos, a, b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Two(Vector512<ulong>* planes, ulong* query, ref Vector512<ulong> ones) =>
        Add(ref ones, planes[0] ^ Vector512.Create(query[0]), planes[1] ^ Vector512.Create(query[1]));

    // The sum stays in the counter; the carry, of twice the weight, is returned.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Add(ref Vector512<ulong> counter, Vector512<ulong> a, Vector512<ulong> b)
    {
        Vector512<ulong> carry;
        if (Avx512F.IsSupported)
        {
            // 0xE8 is the majority of three, 0x96 their parity.
            carry = Avx512F.TernaryLogic(counter, a, b, 0xE8);
            counter = Avx512F.TernaryLogic(counter, a, b, 0x96);
            return carry;
        }

        Vector512<ulong> differ = counter ^ a;
        carry = (counter & a) | (differ & b);
        counter = differ ^ b;
        return carry;
    }

    private void SetUp(int block)
    {
        var planes = (ulong*)(_planes + ((long)block * Bits));
        NativeMemory.Clear(planes, Bits * (Lanes / 8));
        for (int lane = 0; lane < Lanes; lane++)
        {
            ref HashValue row = ref _rows[((long)block * Lanes) + lane];
            for (int word = 0; word < 4; word++)
            {
                ulong value = ((ulong*)Unsafe.AsPointer(ref row))[word];
                for (; value != 0; value &= value - 1)
                {
                    int bit = (64 * word) + System.Numerics.BitOperations.TrailingZeroCount(value);
                    planes[(8 * bit) + (lane / 64)] |= 1UL << (lane % 64);
                }
            }
        }
    }

    private void Add(int block, Vector512<ulong> near, in HashValue query, List<NearRow> found)
    {
        for (int word = 0; word < 8; word++)
        {
            for (ulong lanes = near[word]; lanes != 0; lanes &= lanes - 1)
            {
                int row = (block * Lanes) + (64 * word) + System.Numerics.BitOperations.TrailingZeroCount(lanes);

                // Behind the last row there are zeros.
                if (row < Count)
                {
                    found.Add(new NearRow(row, _rows[row].ToPdq().Distance(query.ToPdq())));
                }
            }
        }
    }
}
