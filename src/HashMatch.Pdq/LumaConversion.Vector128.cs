using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four pixels at a time, none read beyond the last.</content>
public static unsafe partial class LumaConversion
{
    /// <summary>Returns the number of pixels done; 16 bytes are read for every four.</summary>
    private static int FromRgb128(byte* rgb, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        int x = 0;
        for (; (3 * (long)x) + 16 <= 3 * (long)count; x += 4)
        {
            // Four pixels of three bytes to four of four.
            Vector128<byte> bytes = Vector128.Load(rgb + (3 * (long)x));
            Vector128<int> pixels = Vector128.Shuffle(bytes, Spread).AsInt32();
            Vector128.Store(Mix(pixels), luma + x);
        }

        return x;
    }

    private static int FromRgba128(byte* rgba, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        int x = 0;
        for (; x <= count - 4; x += 4)
        {
            Vector128.Store(Mix(Vector128.Load(rgba + (4 * (long)x)).AsInt32()), luma + x);
        }

        return x;
    }

    private static int FromGrey128(byte* grey, float* luma, int count)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        int x = 0;
        for (; x <= count - 4; x += 4)
        {
            Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)(grey + x)).AsByte());
            Vector128.Store(Vector128.ConvertToSingle(Vector128.WidenLower(words).AsInt32()), luma + x);
        }

        return x;
    }

    /// <summary>The luma of pixels whose lowest byte is red, the next green, the next blue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Mix(Vector128<int> pixels)
    {
        Vector128<int> level = Vector128.Create((int)byte.MaxValue);
        Vector128<float> red = Vector128.ConvertToSingle(pixels & level);
        Vector128<float> green = Vector128.ConvertToSingle((pixels >>> 8) & level);
        Vector128<float> blue = Vector128.ConvertToSingle((pixels >>> 16) & level);
        Vector128<float> yellow = (red * RedWeight) + (green * GreenWeight);
        return yellow + (blue * BlueWeight);
    }
}
