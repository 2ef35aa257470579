using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four pixels at a time, none read beyond the last.</content>
public static unsafe partial class AlphaBlend
{
    /// <summary>Returns the number of pixels done.</summary>
    private static int OverBoth128(float* luma, byte* alpha, float* overBlack, float* overWhite, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<float> opaque = Vector128.Create(Opaque);
        int x = 0;
        for (; x <= count - 4; x += 4)
        {
            Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)(alpha + x)).AsByte());
            Vector128<float> levels = Vector128.ConvertToSingle(Vector128.WidenLower(words).AsInt32());
            Vector128<float> part = Vector128.Load(luma + x) * (levels / opaque);
            Vector128.Store(part, overBlack + x);
            Vector128.Store(part + (opaque - levels), overWhite + x);
        }

        return x;
    }
}
