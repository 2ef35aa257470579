using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>Eight pixels at a time, none read beyond the last.</content>
public static unsafe partial class AlphaBlend
{
    /// <summary>Returns the number of pixels done.</summary>
    private static int OverBoth256(float* luma, byte* alpha, float* overBlack, float* overWhite, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<float> opaque = Vector256.Create(Opaque);
        int x = 0;
        for (; x <= count - 8; x += 8)
        {
            Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(alpha + x)).AsByte();
            Vector256<float> levels = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes));
            Vector256<float> part = Vector256.Load(luma + x) * (levels / opaque);
            Vector256.Store(part, overBlack + x);
            Vector256.Store(part + (opaque - levels), overWhite + x);
        }

        return x;
    }
}
