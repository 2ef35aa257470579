using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Imaging.Png;

/// <summary>zlib's checksum (RFC 1950, section 8.2).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    // Bytes until the sums could pass 2^32 without their remainder being taken.
    private const int MostBetweenRemainders = 5552;

    /// <summary>The checksum of what came before and these bytes; that of nothing is 1.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes) =>
        Append(checksum, bytes, Avx2.IsSupported);

    internal static uint Append(uint checksum, ReadOnlySpan<byte> bytes, bool isVectored)
    {
        uint low = checksum & 0xFFFF;
        uint high = checksum >> 16;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, MostBetweenRemainders)];
            bytes = bytes[part.Length..];
            if (isVectored)
            {
                int whole = part.Length & -Vector256<byte>.Count;
                AppendWide(ref low, ref high, part[..whole]);
                part = part[whole..];
            }

            foreach (byte next in part)
            {
                low += next;
                high += low;
            }

            low %= Modulus;
            high %= Modulus;
        }

        return (high << 16) | low;
    }

    // 32 bytes a step: of each, the first counts 32 times in the high sum, the last once, and the low sum before the
    // step 32 times. Sixteen-bit sums of two products stay under 2 * 255 * 32; 32-bit lanes hold 5552 bytes' worth.
    private static void AppendWide(ref uint low, ref uint high, ReadOnlySpan<byte> bytes)
    {
        Vector256<sbyte> weights = Vector256.Create(
            32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
            16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
        Vector256<short> ones = Vector256.Create((short)1);
        Vector256<uint> lows = default;
        Vector256<uint> lowsBefore = default;
        Vector256<int> weighted = default;
        foreach (ref readonly Vector256<byte> next in MemoryMarshal.Cast<byte, Vector256<byte>>(bytes))
        {
            lowsBefore += lows;
            lows += Avx2.SumAbsoluteDifferences(next, default).AsUInt32();
            weighted += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(next, weights), ones);
        }

        high += (low * (uint)bytes.Length) + (32 * Vector256.Sum(lowsBefore)) + (uint)Vector256.Sum(weighted);
        low += Vector256.Sum(lows);
    }
}
