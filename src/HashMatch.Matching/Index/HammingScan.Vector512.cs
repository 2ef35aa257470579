using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 8 rows a vector, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population counts using AVX2
/// instructions", 2018): a byte sums two words' counts, at most 16, and a lane two words', at most 128.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector512(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx512BW.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector512<ulong> a = Vector512.Create(query.A);
        Vector512<ulong> b = Vector512.Create(query.B);
        Vector512<ulong> limit = Vector512.Create((ulong)maxDistance);
        int row = start;
        for (; row <= rows - Vector512<ulong>.Count; row += Vector512<ulong>.Count)
        {
            Vector512<ulong> sums = Count512(
                Vector512.LoadUnsafe(ref first, (nuint)row) ^ a, Vector512.LoadUnsafe(ref second, (nuint)row) ^ b);
            if (Vector512.LessThanOrEqualAny(sums, limit)
                && Confirm512(sums, words, rows, row, query, limit, out int lane, out distance))
            {
                return row + lane;
            }
        }

        return FindNextScalar(words, rows, row, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Confirm512(
        Vector512<ulong> sums,
        ReadOnlySpan<ulong> words,
        int rows,
        int row,
        HashValue query,
        Vector512<ulong> limit,
        out int lane,
        out int distance)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        sums += Count512(
            Vector512.LoadUnsafe(ref first, (nuint)(2L * rows) + (nuint)row) ^ Vector512.Create(query.C),
            Vector512.LoadUnsafe(ref first, (nuint)(3L * rows) + (nuint)row) ^ Vector512.Create(query.D));
        ulong near = Vector512.LessThanOrEqual(sums, limit).ExtractMostSignificantBits();
        lane = BitOperations.TrailingZeroCount(near);
        distance = near == 0 ? 0 : (int)sums[lane];
        return near != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Count512(Vector512<ulong> left, Vector512<ulong> right)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F);
        Vector256<byte> half = Vector256.Create(NibbleCounts, NibbleCounts);
        Vector512<byte> table = Vector512.Create(half, half);
        Vector512<byte> counts =
            Avx512BW.Shuffle(table, left.AsByte() & low)
            + Avx512BW.Shuffle(table, (left >>> 4).AsByte() & low)
            + Avx512BW.Shuffle(table, right.AsByte() & low)
            + Avx512BW.Shuffle(table, (right >>> 4).AsByte() & low);
        return Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
    }
}
