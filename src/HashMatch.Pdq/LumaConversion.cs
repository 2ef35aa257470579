using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <summary>
/// Rows of bytes to rows of luma, 0 to 255, as PDQ's reference has it: (0.299 R + 0.587 G) + 0.114 B in single
/// precision, every product and sum rounded on its own. All widths give the same bits.
/// </summary>
public static unsafe partial class LumaConversion
{
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    /// <summary>Where the bytes of four interleaved pixels go, 255 for none.</summary>
    private static Vector128<byte> Spread =>
        Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);

    /// <summary>Interleaved red, green, blue.</summary>
    /// <param name="rgb">Three bytes a pixel; at least three times as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="rgb"/> is too short.</exception>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<float> luma) => FromRgb(rgb, luma, VectorWidths.Widest);

    /// <summary>Interleaved red, green, blue, alpha; the alpha is not looked at.</summary>
    /// <param name="rgba">Four bytes a pixel; at least four times as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="rgba"/> is too short.</exception>
    public static void FromRgba(ReadOnlySpan<byte> rgba, Span<float> luma) =>
        FromRgba(rgba, luma, VectorWidths.Widest);

    /// <summary>Grey levels, taken as they are.</summary>
    /// <param name="grey">One byte a pixel; at least as long as <paramref name="luma"/>.</param>
    /// <param name="luma">One float a pixel.</param>
    /// <exception cref="ArgumentException"><paramref name="grey"/> is too short.</exception>
    public static void FromGrey(ReadOnlySpan<byte> grey, Span<float> luma) =>
        FromGrey(grey, luma, VectorWidths.Widest);

    internal static void FromRgb(ReadOnlySpan<byte> rgb, Span<float> luma, VectorWidth vectors)
    {
        RequireBytes(rgb, luma, 3);
        fixed (byte* from = rgb)
        fixed (float* to = luma)
        {
            int done = vectors switch
            {
                VectorWidth.V512 => FromRgb512(from, to, luma.Length),
                VectorWidth.V256 => FromRgb256(from, to, luma.Length),
                VectorWidth.V128 => FromRgb128(from, to, luma.Length),
                _ => 0,
            };
            FromPixelsScalar(from, 3, to, done, luma.Length);
        }
    }

    internal static void FromRgba(ReadOnlySpan<byte> rgba, Span<float> luma, VectorWidth vectors)
    {
        RequireBytes(rgba, luma, 4);
        fixed (byte* from = rgba)
        fixed (float* to = luma)
        {
            int done = vectors switch
            {
                VectorWidth.V512 => FromRgba512(from, to, luma.Length),
                VectorWidth.V256 => FromRgba256(from, to, luma.Length),
                VectorWidth.V128 => FromRgba128(from, to, luma.Length),
                _ => 0,
            };
            FromPixelsScalar(from, 4, to, done, luma.Length);
        }
    }

    internal static void FromGrey(ReadOnlySpan<byte> grey, Span<float> luma, VectorWidth vectors)
    {
        RequireBytes(grey, luma, 1);
        fixed (byte* from = grey)
        fixed (float* to = luma)
        {
            int done = vectors switch
            {
                VectorWidth.V512 => FromGrey512(from, to, luma.Length),
                VectorWidth.V256 => FromGrey256(from, to, luma.Length),
                VectorWidth.V128 => FromGrey128(from, to, luma.Length),
                _ => 0,
            };
            for (int x = done; x < luma.Length; x++)
            {
                to[x] = from[x];
            }
        }
    }

    private static void FromPixelsScalar(byte* pixels, int bytesPerPixel, float* luma, int start, int end)
    {
        byte* pixel = pixels + ((long)bytesPerPixel * start);
        for (int x = start; x < end; x++)
        {
            luma[x] = ((RedWeight * pixel[0]) + (GreenWeight * pixel[1])) + (BlueWeight * pixel[2]);
            pixel += bytesPerPixel;
        }
    }

    private static void RequireBytes(ReadOnlySpan<byte> bytes, Span<float> luma, int bytesPerPixel)
    {
        if (bytes.Length / bytesPerPixel < luma.Length)
        {
            throw new ArgumentException("There are fewer pixels than luma to fill.", nameof(bytes));
        }
    }
}
