using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Sixteen coefficients at a time.</content>
internal static unsafe partial class CoefficientBits
{
    /// <summary>
    /// The median by its bits, highest first: a bit is set if no more than 127 keys lie under the number that it makes.
    /// </summary>
    private static int Median512(int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        int median = int.MinValue;
        for (uint bit = 1u << 31; bit != 0; bit >>= 1)
        {
            int candidate = median ^ (int)bit;
            Vector512<int> candidates = Vector512.Create(candidate);
            Vector512<int> below = default;
            for (int k = 0; k < Count; k += 16)
            {
                below -= Vector512.LessThan(Vector512.Load(keys + k), candidates);
            }

            median = Vector512.Sum(below) <= MedianRank ? candidate : median;
        }

        return median;
    }

    private static void Order512(float* coefficients, int* keys)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int k = 0; k < Count; k += 16)
        {
            Vector512<int> bits = Vector512.Load(coefficients + k).AsInt32();
            Vector512.Store(bits ^ ((bits >> 31) & Vector512.Create(int.MaxValue)), keys + k);
        }
    }

    private static void Pack512(float* coefficients, float median, ulong* words)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<float> medians = Vector512.Create(median);
        for (int k = 0; k < Count; k += 16)
        {
            Vector512<float> over = Vector512.GreaterThan(Vector512.Load(coefficients + k), medians);
            words[k / 64] |= over.ExtractMostSignificantBits() << (k % 64);
        }
    }
}
