namespace HashMatch.Pdq;

/// <summary>
/// Rows of bytes to rows of luma, 0 to 255, as PDQ's reference has it: (0.299 R + 0.587 G) + 0.114 B in single
/// precision, every product and sum rounded on its own. All widths give the same bits.
/// </summary>
public static partial class LumaConversion
{
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    /// <summary>Interleaved red, green, blue.</summary>
    /// <param name="rgb">Three bytes a pixel; at least three times as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="rgb"/> is too short.</exception>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<float> luma)
    {
        RequireBytes(rgb, luma, 3);
        FromRgbScalar(rgb, luma, 0);
    }

    /// <summary>Interleaved red, green, blue, alpha; the alpha is not looked at.</summary>
    /// <param name="rgba">Four bytes a pixel; at least four times as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="rgba"/> is too short.</exception>
    public static void FromRgba(ReadOnlySpan<byte> rgba, Span<float> luma)
    {
        RequireBytes(rgba, luma, 4);
        FromRgbaScalar(rgba, luma, 0);
    }

    /// <summary>Grey levels, taken as they are.</summary>
    /// <param name="grey">One byte a pixel; at least as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="grey"/> is too short.</exception>
    public static void FromGrey(ReadOnlySpan<byte> grey, Span<float> luma)
    {
        RequireBytes(grey, luma, 1);
        FromGreyScalar(grey, luma, 0);
    }

    internal static void FromRgbScalar(ReadOnlySpan<byte> rgb, Span<float> luma, int from)
    {
        for (int x = from; x < luma.Length; x++)
        {
            luma[x] = Mix(rgb[3 * x], rgb[(3 * x) + 1], rgb[(3 * x) + 2]);
        }
    }

    internal static void FromRgbaScalar(ReadOnlySpan<byte> rgba, Span<float> luma, int from)
    {
        for (int x = from; x < luma.Length; x++)
        {
            luma[x] = Mix(rgba[4 * x], rgba[(4 * x) + 1], rgba[(4 * x) + 2]);
        }
    }

    internal static void FromGreyScalar(ReadOnlySpan<byte> grey, Span<float> luma, int from)
    {
        for (int x = from; x < luma.Length; x++)
        {
            luma[x] = grey[x];
        }
    }

    private static float Mix(float red, float green, float blue) =>
        ((RedWeight * red) + (GreenWeight * green)) + (BlueWeight * blue);

    private static void RequireBytes(ReadOnlySpan<byte> bytes, Span<float> luma, int bytesPerPixel)
    {
        if (bytes.Length / bytesPerPixel < luma.Length)
        {
            throw new ArgumentException("There are fewer pixels than luma to fill.", nameof(bytes));
        }
    }
}
