using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 8 rows a vector, 32 a block, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population
/// counts using AVX2 instructions", 2018): a byte sums at most three words' counts, 24, and a lane 192, so that four
/// vectors' lanes go into one as 16-bit numbers. The loops are methods of their own, so that nothing is spilled.
/// </content>
internal static partial class HammingScan
{
    private const int Block512 = 32;

    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector512(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx512BW.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        int row = start;
        while (true)
        {
            row = maxDistance > LargestOfTwoColumns
                ? NextBlockOfThree512(ref first, rows, row, query, maxDistance)
                : NextBlockOfTwo512(ref first, rows, row, query, maxDistance);
            int end = Math.Min(row + Block512, rows);
            int near = ScanRows(words, rows, row, end, query, maxDistance, out distance);
            if (near < end || end == rows)
            {
                return near;
            }

            row = end;
        }
    }

    // The first block at or behind row that may hold a near one; the rest that is no whole block when there is none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int NextBlockOfTwo512(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector512<ulong> a = Vector512.Create(query.A);
        Vector512<ulong> b = Vector512.Create(query.B);
        Vector512<byte> table = Table512();
        Vector512<ushort> limit = Vector512.Create((ushort)maxDistance);
        for (; row <= rows - Block512; row += Block512)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            Vector512<ulong> counts = Sum512(Two512(ref x, ref y, 0, a, b, table))
                | (Sum512(Two512(ref x, ref y, 8, a, b, table)) << 16)
                | (Sum512(Two512(ref x, ref y, 16, a, b, table)) << 32)
                | (Sum512(Two512(ref x, ref y, 24, a, b, table)) << 48);
            if (Vector512.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int NextBlockOfThree512(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector512<ulong> a = Vector512.Create(query.A);
        Vector512<ulong> b = Vector512.Create(query.B);
        Vector512<ulong> c = Vector512.Create(query.C);
        Vector512<byte> table = Table512();
        Vector512<ushort> limit = Vector512.Create((ushort)maxDistance);
        for (; row <= rows - Block512; row += Block512)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            ref ulong z = ref Unsafe.Add(ref third, row);
            Vector512<ulong> counts =
                Sum512(Two512(ref x, ref y, 0, a, b, table) + One512(ref z, 0, c, table))
                | (Sum512(Two512(ref x, ref y, 8, a, b, table) + One512(ref z, 8, c, table)) << 16)
                | (Sum512(Two512(ref x, ref y, 16, a, b, table) + One512(ref z, 16, c, table)) << 32)
                | (Sum512(Two512(ref x, ref y, 24, a, b, table) + One512(ref z, 24, c, table)) << 48);
            if (Vector512.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Table512()
    {
        Vector256<byte> half = Vector256.Create(NibbleCounts, NibbleCounts);
        return Vector512.Create(half, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Two512(
        ref ulong x, ref ulong y, nuint at, Vector512<ulong> a, Vector512<ulong> b, Vector512<byte> table) =>
        One512(ref x, at, a, table) + One512(ref y, at, b, table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> One512(ref ulong words, nuint at, Vector512<ulong> query, Vector512<byte> table)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F);
        Vector512<ulong> bits = Vector512.LoadUnsafe(ref words, at) ^ query;
        return Avx512BW.Shuffle(table, bits.AsByte() & low) + Avx512BW.Shuffle(table, (bits >>> 4).AsByte() & low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Sum512(Vector512<byte> counts) =>
        Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
}
