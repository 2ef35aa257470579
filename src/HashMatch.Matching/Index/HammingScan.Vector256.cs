using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 4 rows a vector, 16 a block, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population
/// counts using AVX2 instructions", 2018): a byte sums at most three words' counts, 24, and a lane 192, so that four
/// vectors' lanes go into one as 16-bit numbers. The loops are methods of their own, so that nothing is spilled.
/// </content>
internal static partial class HammingScan
{
    private const int Block256 = 16;

    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector256(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx2.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        int row = start;
        while (true)
        {
            row = maxDistance > LargestOfTwoColumns
                ? NextBlockOfThree256(ref first, rows, row, query, maxDistance)
                : NextBlockOfTwo256(ref first, rows, row, query, maxDistance);
            int end = Math.Min(row + Block256, rows);
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
    private static int NextBlockOfTwo256(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector256<ulong> a = Vector256.Create(query.A);
        Vector256<ulong> b = Vector256.Create(query.B);
        Vector256<byte> table = Table256();
        Vector256<ushort> limit = Vector256.Create((ushort)maxDistance);
        for (; row <= rows - Block256; row += Block256)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            Vector256<ulong> counts = Sum256(Two256(ref x, ref y, 0, a, b, table))
                | (Sum256(Two256(ref x, ref y, 4, a, b, table)) << 16)
                | (Sum256(Two256(ref x, ref y, 8, a, b, table)) << 32)
                | (Sum256(Two256(ref x, ref y, 12, a, b, table)) << 48);
            if (Vector256.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int NextBlockOfThree256(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector256<ulong> a = Vector256.Create(query.A);
        Vector256<ulong> b = Vector256.Create(query.B);
        Vector256<ulong> c = Vector256.Create(query.C);
        Vector256<byte> table = Table256();
        Vector256<ushort> limit = Vector256.Create((ushort)maxDistance);
        for (; row <= rows - Block256; row += Block256)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            ref ulong z = ref Unsafe.Add(ref third, row);
            Vector256<ulong> counts =
                Sum256(Two256(ref x, ref y, 0, a, b, table) + One256(ref z, 0, c, table))
                | (Sum256(Two256(ref x, ref y, 4, a, b, table) + One256(ref z, 4, c, table)) << 16)
                | (Sum256(Two256(ref x, ref y, 8, a, b, table) + One256(ref z, 8, c, table)) << 32)
                | (Sum256(Two256(ref x, ref y, 12, a, b, table) + One256(ref z, 12, c, table)) << 48);
            if (Vector256.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Table256() => Vector256.Create(NibbleCounts, NibbleCounts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Two256(
        ref ulong x, ref ulong y, nuint at, Vector256<ulong> a, Vector256<ulong> b, Vector256<byte> table) =>
        One256(ref x, at, a, table) + One256(ref y, at, b, table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> One256(ref ulong words, nuint at, Vector256<ulong> query, Vector256<byte> table)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        Vector256<ulong> bits = Vector256.LoadUnsafe(ref words, at) ^ query;
        return Avx2.Shuffle(table, bits.AsByte() & low) + Avx2.Shuffle(table, (bits >>> 4).AsByte() & low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Sum256(Vector256<byte> counts) =>
        Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
}
