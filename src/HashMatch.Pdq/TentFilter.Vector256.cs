using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Eight floats: columns of a row, places of a dot product.</content>
internal static unsafe partial class TentFilter
{
    /// <summary>Returns the number of columns done, a multiple of eight.</summary>
    private static int AddRow256(float* sums, float* row, float weight, int columns)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<float> weights = Vector256.Create(weight);
        int x = 0;
        for (; x <= columns - 16; x += 16)
        {
            Vector256<float> sums0 = Vector256.Load(sums + x) + (weights * Vector256.Load(row + x));
            Vector256<float> sums1 = Vector256.Load(sums + x + 8) + (weights * Vector256.Load(row + x + 8));
            Vector256.Store(sums0, sums + x);
            Vector256.Store(sums1, sums + x + 8);
        }

        for (; x <= columns - 8; x += 8)
        {
            Vector256.Store(Vector256.Load(sums + x) + (weights * Vector256.Load(row + x)), sums + x);
        }

        return x;
    }

    private static float Dot256(float* values, float* weights, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<float> sums0 = default;
        Vector256<float> sums1 = default;
        for (int i = 0; i < count; i += Lanes)
        {
            sums0 += Vector256.Load(values + i) * Vector256.Load(weights + i);
            sums1 += Vector256.Load(values + i + 8) * Vector256.Load(weights + i + 8);
        }

        Vector256<float> eight = sums0 + sums1;
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
