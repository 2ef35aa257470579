using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Eight coefficients at a time.</content>
internal static unsafe partial class CoefficientBits
{
    /// <summary>
    /// The median by its bits, highest first: a bit is set if no more than 127 keys lie under the number that it makes.
    /// </summary>
    private static int Median256(int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        int median = int.MinValue;
        for (uint bit = 1u << 31; bit != 0; bit >>= 1)
        {
            int candidate = median ^ (int)bit;
            Vector256<int> candidates = Vector256.Create(candidate);
            Vector256<int> below = default;
            for (int k = 0; k < Count; k += 8)
            {
                below -= Vector256.LessThan(Vector256.Load(keys + k), candidates);
            }

            median = Vector256.Sum(below) <= MedianRank ? candidate : median;
        }

        return median;
    }

    private static void Order256(float* coefficients, int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        for (int k = 0; k < Count; k += 8)
        {
            Vector256<int> bits = Vector256.Load(coefficients + k).AsInt32();
            Vector256.Store(bits ^ ((bits >> 31) & Vector256.Create(int.MaxValue)), keys + k);
        }
    }

    private static void Pack256(float* coefficients, float median, ulong* words)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<float> medians = Vector256.Create(median);
        for (int k = 0; k < Count; k += 8)
        {
            Vector256<float> over = Vector256.GreaterThan(Vector256.Load(coefficients + k), medians);
            words[k / 64] |= (ulong)over.ExtractMostSignificantBits() << (k % 64);
        }
    }
}
