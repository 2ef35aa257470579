using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 4 rows a vector, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population counts using AVX2
/// instructions", 2018): a byte sums two words' counts, at most 16, and a lane two words', at most 128.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector256(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx2.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector256<ulong> a = Vector256.Create(query.A);
        Vector256<ulong> b = Vector256.Create(query.B);
        Vector256<ulong> limit = Vector256.Create((ulong)maxDistance);
        int row = start;
        for (; row <= rows - Vector256<ulong>.Count; row += Vector256<ulong>.Count)
        {
            Vector256<ulong> sums = Count256(
                Vector256.LoadUnsafe(ref first, (nuint)row) ^ a, Vector256.LoadUnsafe(ref second, (nuint)row) ^ b);
            if (Vector256.LessThanOrEqualAny(sums, limit)
                && Confirm256(sums, words, rows, row, query, limit, out int lane, out distance))
            {
                return row + lane;
            }
        }

        return FindNextScalar(words, rows, row, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Confirm256(
        Vector256<ulong> sums,
        ReadOnlySpan<ulong> words,
        int rows,
        int row,
        HashValue query,
        Vector256<ulong> limit,
        out int lane,
        out int distance)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        sums += Count256(
            Vector256.LoadUnsafe(ref first, (nuint)(2L * rows) + (nuint)row) ^ Vector256.Create(query.C),
            Vector256.LoadUnsafe(ref first, (nuint)(3L * rows) + (nuint)row) ^ Vector256.Create(query.D));
        uint near = Vector256.LessThanOrEqual(sums, limit).ExtractMostSignificantBits();
        lane = BitOperations.TrailingZeroCount(near);
        distance = near == 0 ? 0 : (int)sums[lane];
        return near != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Count256(Vector256<ulong> left, Vector256<ulong> right)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        Vector256<byte> table = Vector256.Create(NibbleCounts, NibbleCounts);
        Vector256<byte> counts =
            Avx2.Shuffle(table, left.AsByte() & low)
            + Avx2.Shuffle(table, (left >>> 4).AsByte() & low)
            + Avx2.Shuffle(table, right.AsByte() & low)
            + Avx2.Shuffle(table, (right >>> 4).AsByte() & low);
        return Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
    }
}
