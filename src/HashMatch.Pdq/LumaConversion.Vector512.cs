using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>Sixteen pixels at a time, none read beyond the last.</content>
public static unsafe partial class LumaConversion
{
    /// <summary>Returns the number of pixels done; 64 bytes are read for every sixteen.</summary>
    private static int FromRgb512(byte* rgb, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<int> lanes = Vector512.Create(0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
        Vector256<byte> spreadHalf = Vector256.Create(Spread, Spread);
        Vector512<byte> spread = Vector512.Create(spreadHalf, spreadHalf);
        int x = 0;
        for (; (3 * (long)x) + 64 <= 3 * (long)count; x += 16)
        {
            // Dwords 3 q to 3 q + 3 to lane q, then four pixels of three bytes to four of four.
            Vector512<byte> bytes = Vector512.Load(rgb + (3 * (long)x));
            bytes = Avx512F.PermuteVar16x32(bytes.AsInt32(), lanes).AsByte();
            Vector512<int> pixels = Avx512BW.Shuffle(bytes, spread).AsInt32();
            Vector512.Store(Mix(pixels), luma + x);
        }

        return x;
    }

    private static int FromRgba512(byte* rgba, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        int x = 0;
        for (; x <= count - 16; x += 16)
        {
            Vector512.Store(Mix(Vector512.Load(rgba + (4 * (long)x)).AsInt32()), luma + x);
        }

        return x;
    }

    private static int FromGrey512(byte* grey, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        int x = 0;
        for (; x <= count - 16; x += 16)
        {
            Vector512<int> levels = Avx512F.ConvertToVector512Int32(Vector128.Load(grey + x));
            Vector512.Store(Vector512.ConvertToSingle(levels), luma + x);
        }

        return x;
    }

    /// <summary>The luma of pixels whose lowest byte is red, the next green, the next blue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mix(Vector512<int> pixels)
    {
        Vector512<int> level = Vector512.Create((int)byte.MaxValue);
        Vector512<float> red = Vector512.ConvertToSingle(pixels & level);
        Vector512<float> green = Vector512.ConvertToSingle((pixels >>> 8) & level);
        Vector512<float> blue = Vector512.ConvertToSingle((pixels >>> 16) & level);
        Vector512<float> yellow = (red * RedWeight) + (green * GreenWeight);
        return yellow + (blue * BlueWeight);
    }
}
