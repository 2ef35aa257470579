using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Finds values within a Hamming distance in four columns of 64-bit words. Two columns are read of every row: of
/// unrelated hashes they differ in about 64 of 128 bits, so that the other two are looked at for almost none.
/// </summary>
internal static partial class HammingScan
{
    /// <summary>What <see cref="FindNext"/> uses here.</summary>
    public static string Path { get; } =
        Avx512BW.IsSupported ? "Vector512" : Avx2.IsSupported ? "Vector256" : AdvSimd.Arm64.IsSupported ? "Vector128"
        : "scalar";

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
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref ulong second = ref Unsafe.Add(ref first, rows);
        for (int row = start; row < rows; row++)
        {
            int partial = BitOperations.PopCount(Unsafe.Add(ref first, row) ^ query.A)
                + BitOperations.PopCount(Unsafe.Add(ref second, row) ^ query.B);
            if (partial <= maxDistance)
            {
                partial += BitOperations.PopCount(words[(2 * rows) + row] ^ query.C)
                    + BitOperations.PopCount(words[(3 * rows) + row] ^ query.D);
                if (partial <= maxDistance)
                {
                    distance = partial;
                    return row;
                }
            }
        }

        distance = 0;
        return rows;
    }

    private static void Check(ReadOnlySpan<ulong> words, int rows, int start, int maxDistance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, 4L * rows);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDistance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDistance, byte.MaxValue);
    }

    // Bits that are set in each value of four bits.
    private static Vector128<byte> NibbleCounts => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}
