using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>
/// 4 rows a vector, 16 a round, counted by a table of nibbles and VPSADBW (Mula, Kurz, Lemire, "Faster population
/// counts using AVX2 instructions", 2018): a byte sums at most three words' counts, 24, and a lane 192, so that four
/// vectors' lanes go into one as 16-bit numbers.
/// </content>
internal static partial class HammingScan
{
    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextVector256(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Debug.Assert(Avx2.IsSupported);
        Check(words, rows, start, maxDistance);
        return maxDistance > LargestOfTwoColumns
            ? Scan256(words, rows, start, query, maxDistance, true, out distance)
            : Scan256(words, rows, start, query, maxDistance, false, out distance);
    }

    // Inlined twice, so that the loops do not ask which columns they count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scan256(
        ReadOnlySpan<ulong> words,
        int rows,
        int start,
        HashValue query,
        int maxDistance,
        bool three,
        out int distance)
    {
        const int Block = 16;
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        Vector256<ulong> a = Vector256.Create(query.A);
        Vector256<ulong> b = Vector256.Create(query.B);
        Vector256<ulong> c = Vector256.Create(query.C);
        Vector256<ushort> limit = Vector256.Create((ushort)maxDistance);
        int row = start;
        for (; row <= rows - Block; row += Block)
        {
            Vector256<ulong> counts = Vector256<ulong>.Zero;
            for (int part = Block - 4; part >= 0; part -= 4)
            {
                nuint at = (nuint)(row + part);
                Vector256<byte> bits = Count256(Vector256.LoadUnsafe(ref first, at) ^ a)
                    + Count256(Vector256.LoadUnsafe(ref second, at) ^ b);
                if (three)
                {
                    bits += Count256(Vector256.LoadUnsafe(ref third, at) ^ c);
                }

                counts = (counts << 16) | Avx2.SumAbsoluteDifferences(bits, Vector256<byte>.Zero).AsUInt64();
            }

            if (Vector256.LessThanOrEqualAny(counts.AsUInt16(), limit)
                && ScanRows(words, rows, row, row + Block, query, maxDistance, out distance) is int near
                && near < row + Block)
            {
                return near;
            }
        }

        return ScanRows(words, rows, row, rows, query, maxDistance, out distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Count256(Vector256<ulong> bits)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        Vector256<byte> table = Vector256.Create(NibbleCounts, NibbleCounts);
        return Avx2.Shuffle(table, bits.AsByte() & low) + Avx2.Shuffle(table, (bits >>> 4).AsByte() & low);
    }
}
