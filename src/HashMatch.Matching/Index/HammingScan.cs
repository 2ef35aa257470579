using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Finds values within a Hamming distance in four columns of 64-bit words. Of every row two columns are read, or three
/// where the distance is large: of unrelated hashes two differ in 64 of 128 bits on average and hardly ever in 40, so
/// that the other columns are looked at for almost none. Vector paths count blocks of rows and leave a block that may
/// hold a near row to the scalar one.
/// </summary>
internal static partial class HammingScan
{
    // 64 of 128 less 4.2 standard deviations.
    private const int LargestOfTwoColumns = 40;

    /// <summary>What <see cref="FindNext"/> uses here.</summary>
    public static string Path { get; } =
        Avx512BW.IsSupported ? "Vector512" : Avx2.IsSupported ? "Vector256" : AdvSimd.Arm64.IsSupported ? "Vector128"
        : "scalar";

    // Bits that are set in each value of four bits.
    private static Vector128<byte> NibbleCounts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    }

    /// <summary>The first row at or behind <paramref name="start"/> that is near enough.</summary>
    /// <param name="words">Four columns of <paramref name="rows"/> words.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="start">0 to <paramref name="rows"/>.</param>
    /// <param name="query">What distances are from.</param>
    /// <param name="maxDistance">0 to 255, inclusive.</param>
    /// <param name="distance">Of the row that is found.</param>
    /// <returns>The row; <paramref name="rows"/> when there is none.</returns>
    public static int FindNext(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        if (Avx512BW.IsSupported)
        {
            return FindNextVector512(words, rows, start, query, maxDistance, out distance);
        }

        if (Avx2.IsSupported)
        {
            return FindNextVector256(words, rows, start, query, maxDistance, out distance);
        }

        return AdvSimd.Arm64.IsSupported
            ? FindNextVector128(words, rows, start, query, maxDistance, out distance)
            : FindNextScalar(words, rows, start, query, maxDistance, out distance);
    }

    /// <inheritdoc cref="FindNext"/>
    internal static int FindNextScalar(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance)
    {
        Check(words, rows, start, maxDistance);
        return ScanRows(words, rows, start, rows, query, maxDistance, out distance);
    }

    // The first near row from start to end; end when there is none.
    private static int ScanRows(
        ReadOnlySpan<ulong> words, int rows, int start, int end, HashValue query, int maxDistance, out int distance)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        ref ulong third = ref Unsafe.Add(ref second, rows);
        ref ulong fourth = ref Unsafe.Add(ref third, rows);
        bool three = maxDistance > LargestOfTwoColumns;
        for (int row = start; row < end; row++)
        {
            int partial = BitOperations.PopCount(Unsafe.Add(ref first, row) ^ query.A)
                + BitOperations.PopCount(Unsafe.Add(ref second, row) ^ query.B);
            if (three)
            {
                partial += BitOperations.PopCount(Unsafe.Add(ref third, row) ^ query.C);
            }

            if (partial > maxDistance)
            {
                continue;
            }

            if (!three)
            {
                partial += BitOperations.PopCount(Unsafe.Add(ref third, row) ^ query.C);
            }

            partial += BitOperations.PopCount(Unsafe.Add(ref fourth, row) ^ query.D);
            if (partial <= maxDistance)
            {
                distance = partial;
                return row;
            }
        }

        distance = 0;
        return end;
    }

    private static void Check(ReadOnlySpan<ulong> words, int rows, int start, int maxDistance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, 4L * rows);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDistance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDistance, byte.MaxValue);
    }
}
