using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>Sixteen floats: columns of a row, places of a dot product.</content>
internal static unsafe partial class TentFilter
{
    // Whole-line loads outrun the processor's own prefetching; this far ahead a large picture streams from memory at
    // the speed that narrower loads have anyway, and a small one loses nothing.
    private const int PrefetchedFloats = 1024;

    /// <summary>Returns the number of columns done, a multiple of sixteen.</summary>
    private static int AddRow512(float* sums, float* row, float weight, int columns)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<float> weights = Vector512.Create(weight);
        int x = 0;
        for (; x <= columns - 32; x += 32)
        {
            Sse.Prefetch0(row + x + PrefetchedFloats);
            Sse.Prefetch0(row + x + PrefetchedFloats + 16);
            Vector512<float> sums0 = Vector512.Load(sums + x) + (weights * Vector512.Load(row + x));
            Vector512<float> sums1 = Vector512.Load(sums + x + 16) + (weights * Vector512.Load(row + x + 16));
            Vector512.Store(sums0, sums + x);
            Vector512.Store(sums1, sums + x + 16);
        }

        for (; x <= columns - 16; x += 16)
        {
            Vector512.Store(Vector512.Load(sums + x) + (weights * Vector512.Load(row + x)), sums + x);
        }

        return x;
    }

    private static float Dot512(float* values, float* weights, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<float> sums0 = default;
        for (int i = 0; i < count; i += Lanes)
        {
            sums0 += Vector512.Load(values + i) * Vector512.Load(weights + i);
        }

        Vector256<float> eight = sums0.GetLower() + sums0.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
