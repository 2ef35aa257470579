using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 2 rows a vector, 8 a round, counted by Arm's CNT and widening pairwise sums, or by SSSE3's table of nibbles: a byte
/// sums at most three words' counts, 24, and a lane 192, so that four vectors' lanes go into one as 16-bit numbers. On
/// x86 the scalar path is faster: this one is for Arm64.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector128(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(AdvSimd.IsSupported || Ssse3.IsSupported);
        Check(words, rows, start, maxDistance);
        return maxDistance > LargestOfTwoColumns
            ? Scan128(words, rows, start, query, maxDistance, true, out distance)
            : Scan128(words, rows, start, query, maxDistance, false, out distance);
    }

    // Inlined twice, so that the loops do not ask which columns they count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scan128(
        ReadOnlySpan<ulong> words,
        int rows,
        int start,
        HashValue query,
        int maxDistance,
        bool three,
        out int distance)
    {
        const int Block = 8;
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector128<ulong> a = Vector128.Create(query.A);
        Vector128<ulong> b = Vector128.Create(query.B);
        Vector128<ulong> c = Vector128.Create(query.C);
        Vector128<ushort> limit = Vector128.Create((ushort)maxDistance);
        int row = start;
        for (; row <= rows - Block; row += Block)
        {
            Vector128<ulong> counts = Vector128<ulong>.Zero;
            for (int part = Block - 2; part >= 0; part -= 2)
            {
                nuint at = (nuint)(row + part);
                Vector128<byte> bits = Count128(Vector128.LoadUnsafe(ref first, at) ^ a)
                    + Count128(Vector128.LoadUnsafe(ref second, at) ^ b);
                if (three)
                {
                    bits += Count128(Vector128.LoadUnsafe(ref third, at) ^ c);
                }

                counts = (counts << 16) | Sum128(bits);
            }

            if (Vector128.LessThanOrEqualAny(counts.AsUInt16(), limit)
                && ScanRows(words, rows, row, row + Block, query, maxDistance, out distance) is int near
                && near < row + Block)
            {
                return near;
            }
        }

        return ScanRows(words, rows, row, rows, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Count128(Vector128<ulong> bits)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.PopCount(bits.AsByte());
        }

        Vector128<byte> low = Vector128.Create((byte)0x0F);
        return Ssse3.Shuffle(NibbleCounts, bits.AsByte() & low)
            + Ssse3.Shuffle(NibbleCounts, (bits >>> 4).AsByte() & low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Sum128(Vector128<byte> counts) =>
        AdvSimd.IsSupported
            ? AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(AdvSimd.AddPairwiseWidening(counts)))
            : Sse2.SumAbsoluteDifferences(counts, Vector128<byte>.Zero).AsUInt64();
}
