using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <summary>Bytes of a row to its alpha, one byte a pixel.</summary>
internal static class AlphaRow
{
    /// <summary>The fourth byte of every pixel.</summary>
    /// <param name="rgba">Four bytes a pixel.</param>
    /// <param name="alpha">One a pixel.</param>
    public static void FromRgba(ReadOnlySpan<byte> rgba, Span<byte> alpha) =>
        FromRgba(rgba, alpha, Vector128.IsHardwareAccelerated);

    internal static void FromRgba(ReadOnlySpan<byte> rgba, Span<byte> alpha, bool isVectored)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba)[..alpha.Length];
        int x = 0;
        for (; isVectored && x <= pixels.Length - 16; x += 16)
        {
            ReadOnlySpan<uint> from = pixels.Slice(x, 16);
            Vector128<ushort> low = Vector128.Narrow(
                Vector128.Create(from) >>> 24, Vector128.Create(from[4..]) >>> 24);
            Vector128<ushort> high = Vector128.Narrow(
                Vector128.Create(from[8..]) >>> 24, Vector128.Create(from[12..]) >>> 24);
            Vector128.Narrow(low, high).CopyTo(alpha[x..]);
        }

        for (; x < alpha.Length; x++)
        {
            alpha[x] = rgba[(4 * x) + 3];
        }
    }

    /// <summary>Takes grey and alpha apart.</summary>
    /// <param name="greyAlpha">Two bytes a pixel.</param>
    /// <param name="grey">One a pixel.</param>
    /// <param name="alpha">One a pixel, as long as <paramref name="grey"/>.</param>
    public static void FromGreyAlpha(ReadOnlySpan<byte> greyAlpha, Span<byte> grey, Span<byte> alpha) =>
        FromGreyAlpha(greyAlpha, grey, alpha, Vector128.IsHardwareAccelerated);

    internal static void FromGreyAlpha(
        ReadOnlySpan<byte> greyAlpha, Span<byte> grey, Span<byte> alpha, bool isVectored)
    {
        ReadOnlySpan<ushort> pixels = MemoryMarshal.Cast<byte, ushort>(greyAlpha)[..alpha.Length];
        Vector128<ushort> lower = Vector128.Create((ushort)byte.MaxValue);
        int x = 0;
        for (; isVectored && x <= pixels.Length - 16; x += 16)
        {
            var low = Vector128.Create(pixels.Slice(x, 8));
            var high = Vector128.Create(pixels.Slice(x + 8, 8));
            Vector128.Narrow(low & lower, high & lower).CopyTo(grey[x..]);
            Vector128.Narrow(low >>> 8, high >>> 8).CopyTo(alpha[x..]);
        }

        for (; x < alpha.Length; x++)
        {
            (grey[x], alpha[x]) = (greyAlpha[2 * x], greyAlpha[(2 * x) + 1]);
        }
    }

    /// <summary>Clear where a pixel has the one clear colour, else opaque.</summary>
    /// <param name="rgb">Three bytes a pixel.</param>
    /// <param name="key">The colour, red in the lowest byte.</param>
    /// <param name="alpha">One a pixel.</param>
    public static void FromKey(ReadOnlySpan<byte> rgb, int key, Span<byte> alpha)
    {
        rgb = rgb[..(3 * alpha.Length)];
        for (int x = 0; x < alpha.Length; x++)
        {
            ReadOnlySpan<byte> pixel = rgb.Slice(3 * x, 3);
            int colour = pixel[0] | (pixel[1] << 8) | (pixel[2] << 16);
            alpha[x] = colour == key ? (byte)0 : byte.MaxValue;
        }
    }
}
