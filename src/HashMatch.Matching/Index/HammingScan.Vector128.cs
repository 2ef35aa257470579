using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 2 rows a vector, 8 a block, counted by Arm's CNT and widening pairwise sums, or by SSSE3's table of nibbles: a byte
/// sums at most three words' counts, 24, and a lane 192, so that four vectors' lanes go into one as 16-bit numbers. On
/// x86 the scalar path is faster: this one is for Arm64.
/// </content>
internal static partial class HammingScan
{
    private const int Block128 = 8;

    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector128(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(AdvSimd.Arm64.IsSupported || Ssse3.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        int row = start;
        while (true)
        {
            row = maxDistance > LargestOfTwoColumns
                ? NextBlockOfThree128(ref first, rows, row, query, maxDistance)
                : NextBlockOfTwo128(ref first, rows, row, query, maxDistance);
            int end = Math.Min(row + Block128, rows);
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
    private static int NextBlockOfTwo128(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector128<ulong> a = Vector128.Create(query.A);
        Vector128<ulong> b = Vector128.Create(query.B);
        Vector128<byte> table = NibbleCounts;
        Vector128<ushort> limit = Vector128.Create((ushort)maxDistance);
        for (; row <= rows - Block128; row += Block128)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            Vector128<ulong> counts = Sum128(Two128(ref x, ref y, 0, a, b, table))
                | (Sum128(Two128(ref x, ref y, 2, a, b, table)) << 16)
                | (Sum128(Two128(ref x, ref y, 4, a, b, table)) << 32)
                | (Sum128(Two128(ref x, ref y, 6, a, b, table)) << 48);
            if (Vector128.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int NextBlockOfThree128(ref ulong first, int rows, int row, HashValue query, int maxDistance)
    {
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector128<ulong> a = Vector128.Create(query.A);
        Vector128<ulong> b = Vector128.Create(query.B);
        Vector128<ulong> c = Vector128.Create(query.C);
        Vector128<byte> table = NibbleCounts;
        Vector128<ushort> limit = Vector128.Create((ushort)maxDistance);
        for (; row <= rows - Block128; row += Block128)
        {
            ref ulong x = ref Unsafe.Add(ref first, row);
            ref ulong y = ref Unsafe.Add(ref second, row);
            ref ulong z = ref Unsafe.Add(ref third, row);
            Vector128<ulong> counts =
                Sum128(Two128(ref x, ref y, 0, a, b, table) + One128(ref z, 0, c, table))
                | (Sum128(Two128(ref x, ref y, 2, a, b, table) + One128(ref z, 2, c, table)) << 16)
                | (Sum128(Two128(ref x, ref y, 4, a, b, table) + One128(ref z, 4, c, table)) << 32)
                | (Sum128(Two128(ref x, ref y, 6, a, b, table) + One128(ref z, 6, c, table)) << 48);
            if (Vector128.LessThanOrEqualAny(counts.AsUInt16(), limit))
            {
                break;
            }
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Two128(
        ref ulong x, ref ulong y, nuint at, Vector128<ulong> a, Vector128<ulong> b, Vector128<byte> table) =>
        One128(ref x, at, a, table) + One128(ref y, at, b, table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> One128(ref ulong words, nuint at, Vector128<ulong> query, Vector128<byte> table)
    {
        Vector128<ulong> bits = Vector128.LoadUnsafe(ref words, at) ^ query;
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.PopCount(bits.AsByte());
        }

        Vector128<byte> low = Vector128.Create((byte)0x0F);
        return Ssse3.Shuffle(table, bits.AsByte() & low) + Ssse3.Shuffle(table, (bits >>> 4).AsByte() & low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Sum128(Vector128<byte> counts) =>
        AdvSimd.IsSupported
            ? AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(counts)))
            : Sse2.SumAbsoluteDifferences(counts, Vector128<byte>.Zero).AsUInt64();
}
