using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>Eight pixels at a time, none read beyond the last.</content>
public static unsafe partial class LumaConversion
{
    /// <summary>Returns the number of pixels done; 32 bytes are read for every eight.</summary>
    private static int FromRgb256(byte* rgb, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<int> lanes = Vector256.Create(0, 1, 2, 3, 3, 4, 5, 6);
        Vector256<byte> spread = Vector256.Create(Spread, Spread);
        int x = 0;
        for (; (3 * (long)x) + 32 <= 3 * (long)count; x += 8)
        {
            // Dwords 3 q to 3 q + 3 to lane q, then four pixels of three bytes to four of four.
            Vector256<byte> bytes = Vector256.Load(rgb + (3 * (long)x));
            bytes = Avx2.PermuteVar8x32(bytes.AsInt32(), lanes).AsByte();
            Vector256<int> pixels = Avx2.Shuffle(bytes, spread).AsInt32();
            Vector256.Store(Mix(pixels), luma + x);
        }

        return x;
    }

    private static int FromRgba256(byte* rgba, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        int x = 0;
        for (; x <= count - 8; x += 8)
        {
            Vector256.Store(Mix(Vector256.Load(rgba + (4 * (long)x)).AsInt32()), luma + x);
        }

        return x;
    }

    private static int FromGrey256(byte* grey, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        int x = 0;
        for (; x <= count - 8; x += 8)
        {
            Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(grey + x)).AsByte();
            Vector256.Store(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes)), luma + x);
        }

        return x;
    }

    /// <summary>The luma of pixels whose lowest byte is red, the next green, the next blue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Mix(Vector256<int> pixels)
    {
        Vector256<int> level = Vector256.Create((int)byte.MaxValue);
        Vector256<float> red = Vector256.ConvertToSingle(pixels & level);
        Vector256<float> green = Vector256.ConvertToSingle((pixels >>> 8) & level);
        Vector256<float> blue = Vector256.ConvertToSingle((pixels >>> 16) & level);
        Vector256<float> yellow = (red * RedWeight) + (green * GreenWeight);
        return yellow + (blue * BlueWeight);
    }
}
