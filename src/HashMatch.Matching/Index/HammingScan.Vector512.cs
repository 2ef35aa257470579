using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 8 rows a vector, 32 a round, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population
/// counts using AVX2 instructions", 2018): a byte sums at most three words' counts, 24, and a lane 192, so that four
/// vectors' lanes go into one as 16-bit numbers.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector512(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx512BW.IsSupported);
        Check(words, rows, start, maxDistance);
        return maxDistance > LargestOfTwoColumns
            ? Scan512(words, rows, start, query, maxDistance, true, out distance)
            : Scan512(words, rows, start, query, maxDistance, false, out distance);
    }

    // Inlined twice, so that the loops do not ask which columns they count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scan512(
        ReadOnlySpan<ulong> words,
        int rows,
        int start,
        HashValue query,
        int maxDistance,
        bool three,
        out int distance)
    {
        const int Block = 32;
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector512<ulong> a = Vector512.Create(query.A);
        Vector512<ulong> b = Vector512.Create(query.B);
        Vector512<ulong> c = Vector512.Create(query.C);
        Vector512<ushort> limit = Vector512.Create((ushort)maxDistance);
        int row = start;
        for (; row <= rows - Block; row += Block)
        {
            Vector512<ulong> counts = Vector512<ulong>.Zero;
            for (int part = Block - 8; part >= 0; part -= 8)
            {
                nuint at = (nuint)(row + part);
                Vector512<byte> bits = Count512(Vector512.LoadUnsafe(ref first, at) ^ a)
                    + Count512(Vector512.LoadUnsafe(ref second, at) ^ b);
                if (three)
                {
                    bits += Count512(Vector512.LoadUnsafe(ref third, at) ^ c);
                }

                counts = (counts << 16) | Avx512BW.SumAbsoluteDifferences(bits, Vector512<byte>.Zero).AsUInt64();
            }

            if (Vector512.LessThanOrEqualAny(counts.AsUInt16(), limit)
                && ScanRows(words, rows, row, row + Block, query, maxDistance, out distance) is int near
                && near < row + Block)
            {
                return near;
            }
        }

        return ScanRows(words, rows, row, rows, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Count512(Vector512<ulong> bits)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F);
        Vector256<byte> half = Vector256.Create(NibbleCounts, NibbleCounts);
        Vector512<byte> table = Vector512.Create(half, half);
        return Avx512BW.Shuffle(table, bits.AsByte() & low) + Avx512BW.Shuffle(table, (bits >>> 4).AsByte() & low);
    }
}
