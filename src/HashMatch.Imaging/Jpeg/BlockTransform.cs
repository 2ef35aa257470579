using System.Runtime.InteropServices;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Coefficients of sixteen blocks to their samples, 0 to 255. All widths give the same bits. At full size the inverse
/// DCT is libjpeg's accurate integer one (Loeffler, Ligtenberg and Moschytz, 13-bit constants), sample for sample.
/// Reduced, a sample is the mean of the 2 x 2, 4 x 4 or 8 x 8 full-size ones under it, as far as the kept coefficients
/// show them, and is not rounded.
/// </summary>
internal static partial class BlockTransform
{
    /// <summary>Blocks of a batch.</summary>
    public const int Lanes = 16;

    private const int Middle = 128;
    private const int Top = 255;

    private const int ConstantBits = 13;
    private const int ColumnShift = ConstantBits - 2;
    private const int RowShift = ConstantBits + 2 + 3;

    private const int C0298 = 2446;
    private const int C0390 = 3196;
    private const int C0541 = 4433;
    private const int C0765 = 6270;
    private const int C0899 = 7373;
    private const int C1175 = 9633;
    private const int C1501 = 12299;
    private const int C1847 = 15137;
    private const int C1961 = 16069;
    private const int C2053 = 16819;
    private const int C2562 = 20995;
    private const int C3072 = 25172;

    // cos(pi / 8), cos(3 pi / 8).
    private const float Cos1 = 0.92387953f;
    private const float Cos3 = 0.38268343f;

    private const float EighthScale = 0.125f;

    // The mean over n neighbours of cos((2x + 1) k pi / 16), times the DCT's own factor: what a coefficient weighs.
    private static readonly float[] HalfScales = Scales(
        Math.Sqrt(0.125),
        0.5 * Math.Cos(Math.PI / 16),
        0.5 * Math.Cos(2 * Math.PI / 16) * Math.Sqrt(0.5),
        0.5 * Math.Cos(3 * Math.PI / 16));

    private static readonly float[] QuarterScales = Scales(
        Math.Sqrt(0.125), 0.5 * Math.Cos(Math.PI / 16) * Math.Cos(Math.PI / 8) * Math.Sqrt(0.5));

    /// <summary>Transforms a batch.</summary>
    /// <param name="coefficients">Kept coefficients, dequantised, those of one place for all blocks together:
    /// <see cref="Reduction.Count"/> times <see cref="Lanes"/>. Overwritten.</param>
    /// <param name="reduction">What they are.</param>
    /// <param name="rows">Gets <see cref="Reduction.Side"/> rows of as many samples a block.</param>
    /// <param name="stride">Floats from row to row; at least a batch's.</param>
    /// <param name="vectors">Which kernel.</param>
    public static void ToRows(
        Span<int> coefficients, Reduction reduction, Span<float> rows, int stride, VectorWidth vectors)
    {
        // What the vectors read and write, which have no checks of their own.
        int side = reduction.Side;
        ArgumentOutOfRangeException.ThrowIfLessThan(coefficients.Length, side * side * Lanes);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, side * Lanes);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, ((side - 1) * stride) + (side * Lanes));
        ref int first = ref MemoryMarshal.GetReference(coefficients);
        ref float row = ref MemoryMarshal.GetReference(rows);
        switch (side, vectors)
        {
            case (8, VectorWidth.V512):
                Full512(ref first, ref row, stride);
                break;
            case (8, VectorWidth.V256):
                Full256(ref first, ref row, stride);
                break;
            case (8, VectorWidth.V128):
                Full128(ref first, ref row, stride);
                break;
            case (8, _):
                FullScalar(coefficients, rows, stride);
                break;
            case (4, VectorWidth.V512):
                Half512(ref first, ref row, stride);
                break;
            case (4, VectorWidth.V256):
                Half256(ref first, ref row, stride);
                break;
            case (4, VectorWidth.V128):
                Half128(ref first, ref row, stride);
                break;
            case (4, _):
                HalfScalar(coefficients, rows, stride);
                break;
            default:
                ToFewRows(coefficients, side, rows, stride, vectors);
                break;
        }
    }

    private static void ToFewRows(
        Span<int> coefficients, int side, Span<float> rows, int stride, VectorWidth vectors)
    {
        ref int first = ref MemoryMarshal.GetReference(coefficients);
        ref float row = ref MemoryMarshal.GetReference(rows);
        switch (side, vectors)
        {
            case (2, VectorWidth.V512):
                Quarter512(ref first, ref row, stride);
                break;
            case (2, VectorWidth.V256):
                Quarter256(ref first, ref row, stride);
                break;
            case (2, VectorWidth.V128):
                Quarter128(ref first, ref row, stride);
                break;
            case (2, _):
                QuarterScalar(coefficients, rows, stride);
                break;
            case (1, VectorWidth.V512):
                Eighth512(ref first, ref row);
                break;
            case (1, VectorWidth.V256):
                Eighth256(ref first, ref row);
                break;
            case (1, VectorWidth.V128):
                Eighth128(ref first, ref row);
                break;
            default:
                EighthScalar(coefficients, rows);
                break;
        }
    }

    private static float[] Scales(params ReadOnlySpan<double> scales)
    {
        float[] products = new float[scales.Length * scales.Length];
        for (int i = 0; i < products.Length; i++)
        {
            products[i] = (float)(scales[i / scales.Length] * scales[i % scales.Length]);
        }

        return products;
    }
}
