namespace HashMatch.Pdq;

/// <summary>
/// Rows of luma over black and over white by their alpha: L a and L a + 255 (1 - a), with a = alpha / 255. Quotient,
/// product and sum are rounded on their own, so all widths give the same bits, and opaque pixels stay as they are.
/// </summary>
public static unsafe partial class AlphaBlend
{
    private const float Opaque = byte.MaxValue;

    /// <summary>Blends one row over both grounds.</summary>
    /// <param name="luma">0 to 255, one a pixel.</param>
    /// <param name="alpha">0 clear to 255 opaque, one a pixel.</param>
    /// <param name="overBlack">Gets one float a pixel.</param>
    /// <param name="overWhite">Gets one float a pixel.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void OverBoth(
        ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha, Span<float> overBlack, Span<float> overWhite) =>
        OverBoth(luma, alpha, overBlack, overWhite, VectorWidths.Widest);

    internal static void OverBoth(
        ReadOnlySpan<float> luma,
        ReadOnlySpan<byte> alpha,
        Span<float> overBlack,
        Span<float> overWhite,
        VectorWidth vectors)
    {
        if (alpha.Length != luma.Length || overBlack.Length != luma.Length || overWhite.Length != luma.Length)
        {
            throw new ArgumentException("All rows have the same length.", nameof(alpha));
        }

        fixed (float* from = luma)
        fixed (byte* by = alpha)
        fixed (float* black = overBlack)
        fixed (float* white = overWhite)
        {
            int done = vectors switch
            {
                VectorWidth.V512 => OverBoth512(from, by, black, white, luma.Length),
                VectorWidth.V256 => OverBoth256(from, by, black, white, luma.Length),
                VectorWidth.V128 => OverBoth128(from, by, black, white, luma.Length),
                _ => 0,
            };
            for (int x = done; x < luma.Length; x++)
            {
                float part = from[x] * (by[x] / Opaque);
                black[x] = part;
                white[x] = part + (Opaque - by[x]);
            }
        }
    }
}
