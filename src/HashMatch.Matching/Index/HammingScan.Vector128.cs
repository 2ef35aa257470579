using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 2 rows a vector, counted by Arm's CNT and widening pairwise sums, or by SSSE3's table of nibbles: a byte sums two
/// words' counts, at most 16, and a lane two words', at most 128. On x86 the scalar path is faster.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector128(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(AdvSimd.IsSupported || Ssse3.IsSupported);
        Check(words, rows, start, maxDistance);
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        Vector128<ulong> a = Vector128.Create(query.A);
        Vector128<ulong> b = Vector128.Create(query.B);
        Vector128<ulong> limit = Vector128.Create((ulong)maxDistance);
        int row = start;
        for (; row <= rows - Vector128<ulong>.Count; row += Vector128<ulong>.Count)
        {
            Vector128<ulong> sums = Count128(
                Vector128.LoadUnsafe(ref first, (nuint)row) ^ a, Vector128.LoadUnsafe(ref second, (nuint)row) ^ b);
            if (Vector128.LessThanOrEqualAny(sums, limit)
                && Confirm128(sums, words, rows, row, query, limit, out int lane, out distance))
            {
                return row + lane;
            }
        }

        return FindNextScalar(words, rows, row, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Confirm128(
        Vector128<ulong> sums,
        ReadOnlySpan<ulong> words,
        int rows,
        int row,
        HashValue query,
        Vector128<ulong> limit,
        out int lane,
        out int distance)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        sums += Count128(
            Vector128.LoadUnsafe(ref first, (nuint)(2L * rows) + (nuint)row) ^ Vector128.Create(query.C),
            Vector128.LoadUnsafe(ref first, (nuint)(3L * rows) + (nuint)row) ^ Vector128.Create(query.D));
        uint near = Vector128.LessThanOrEqual(sums, limit).ExtractMostSignificantBits();
        lane = BitOperations.TrailingZeroCount(near);
        distance = near == 0 ? 0 : (int)sums[lane];
        return near != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Count128(Vector128<ulong> left, Vector128<ulong> right)
    {
        if (AdvSimd.IsSupported)
        {
            Vector128<byte> bits = AdvSimd.PopCount(left.AsByte()) + AdvSimd.PopCount(right.AsByte());
            return AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(bits)));
        }

        Vector128<byte> low = Vector128.Create((byte)0x0F);
        Vector128<byte> counts =
            Ssse3.Shuffle(NibbleCounts, left.AsByte() & low)
            + Ssse3.Shuffle(NibbleCounts, (left >>> 4).AsByte() & low)
            + Ssse3.Shuffle(NibbleCounts, right.AsByte() & low)
            + Ssse3.Shuffle(NibbleCounts, (right >>> 4).AsByte() & low);
        return Sse2.SumAbsoluteDifferences(counts, Vector128<byte>.Zero).AsUInt64();
    }
}
