using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four floats: columns of a row, places of a dot product.</content>
internal static unsafe partial class TentFilter
{
    /// <summary>Returns the number of columns done, a multiple of four.</summary>
    private static int AddRow128(float* sums, float* row, float weight, int columns)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<float> weights = Vector128.Create(weight);
        int x = 0;
        for (; x <= columns - 8; x += 8)
        {
            Vector128<float> sums0 = Vector128.Load(sums + x) + (weights * Vector128.Load(row + x));
            Vector128<float> sums1 = Vector128.Load(sums + x + 4) + (weights * Vector128.Load(row + x + 4));
            Vector128.Store(sums0, sums + x);
            Vector128.Store(sums1, sums + x + 4);
        }

        for (; x <= columns - 4; x += 4)
        {
            Vector128.Store(Vector128.Load(sums + x) + (weights * Vector128.Load(row + x)), sums + x);
        }

        return x;
    }

    private static float Dot128(float* values, float* weights, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<float> sums0 = default;
        Vector128<float> sums1 = default;
        Vector128<float> sums2 = default;
        Vector128<float> sums3 = default;
        for (int i = 0; i < count; i += Lanes)
        {
            sums0 += Vector128.Load(values + i) * Vector128.Load(weights + i);
            sums1 += Vector128.Load(values + i + 4) * Vector128.Load(weights + i + 4);
            sums2 += Vector128.Load(values + i + 8) * Vector128.Load(weights + i + 8);
            sums3 += Vector128.Load(values + i + 12) * Vector128.Load(weights + i + 12);
        }

        Vector128<float> four = (sums0 + sums2) + (sums1 + sums3);
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
