using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>Sixteen pixels at a time, none read beyond the last.</content>
public static unsafe partial class AlphaBlend
{
    /// <summary>Returns the number of pixels done.</summary>
    private static int OverBoth512(float* luma, byte* alpha, float* overBlack, float* overWhite, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<float> opaque = Vector512.Create(Opaque);
        int x = 0;
        for (; x <= count - 16; x += 16)
        {
            Vector128<byte> bytes = Vector128.Load(alpha + x);
            Vector512<float> levels = Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
            Vector512<float> part = Vector512.Load(luma + x) * (levels / opaque);
            Vector512.Store(part, overBlack + x);
            Vector512.Store(part + (opaque - levels), overWhite + x);
        }

        return x;
    }
}
