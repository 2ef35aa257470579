using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four coefficients at a time.</content>
internal static unsafe partial class CoefficientBits
{
    /// <summary>
    /// The median by its bits, highest first: a bit is set if no more than 127 keys lie under the number that it makes.
    /// </summary>
    private static int Median128(int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        int median = int.MinValue;
        for (uint bit = 1u << 31; bit != 0; bit >>= 1)
        {
            int candidate = median ^ (int)bit;
            Vector128<int> candidates = Vector128.Create(candidate);
            Vector128<int> below = default;
            for (int k = 0; k < Count; k += 4)
            {
                below -= Vector128.LessThan(Vector128.Load(keys + k), candidates);
            }

            median = Vector128.Sum(below) <= MedianRank ? candidate : median;
        }

        return median;
    }

    private static void Order128(float* coefficients, int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int k = 0; k < Count; k += 4)
        {
            Vector128<int> bits = Vector128.Load(coefficients + k).AsInt32();
            Vector128.Store(bits ^ ((bits >> 31) & Vector128.Create(int.MaxValue)), keys + k);
        }
    }

    private static void Pack128(float* coefficients, float median, ulong* words)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<float> medians = Vector128.Create(median);
        for (int k = 0; k < Count; k += 4)
        {
            Vector128<float> over = Vector128.GreaterThan(Vector128.Load(coefficients + k), medians);
            words[k / 64] |= (ulong)over.ExtractMostSignificantBits() << (k % 64);
        }
    }
}
