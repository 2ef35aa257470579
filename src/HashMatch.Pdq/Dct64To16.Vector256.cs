using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Eight outputs at a time, eight or four vectors of sums abreast.</content>
internal static unsafe partial class Dct64To16
{
    private static void Transform256(
        float* matrix, float* transposed, float* block, float* rows, float* coefficients)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        for (int j = 0; j < BlockSide; j += 32)
        {
            for (int i = 0; i < Side; i += 2)
            {
                Vector256<float> sumsA0 = default;
                Vector256<float> sumsA1 = default;
                Vector256<float> sumsA2 = default;
                Vector256<float> sumsA3 = default;
                Vector256<float> sumsB0 = default;
                Vector256<float> sumsB1 = default;
                Vector256<float> sumsB2 = default;
                Vector256<float> sumsB3 = default;
                float* from = block + j;
                float* scales = matrix + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector256<float> samples0 = Vector256.Load(from);
                    Vector256<float> samples1 = Vector256.Load(from + 8);
                    Vector256<float> samples2 = Vector256.Load(from + 16);
                    Vector256<float> samples3 = Vector256.Load(from + 24);
                    Vector256<float> scaleA = Vector256.Create(scales[k]);
                    Vector256<float> scaleB = Vector256.Create(scales[k + BlockSide]);
                    sumsA0 += scaleA * samples0;
                    sumsA1 += scaleA * samples1;
                    sumsA2 += scaleA * samples2;
                    sumsA3 += scaleA * samples3;
                    sumsB0 += scaleB * samples0;
                    sumsB1 += scaleB * samples1;
                    sumsB2 += scaleB * samples2;
                    sumsB3 += scaleB * samples3;
                    from += BlockSide;
                }

                float* to = rows + (i * BlockSide) + j;
                Vector256.Store(sumsA0, to);
                Vector256.Store(sumsA1, to + 8);
                Vector256.Store(sumsA2, to + 16);
                Vector256.Store(sumsA3, to + 24);
                Vector256.Store(sumsB0, to + BlockSide);
                Vector256.Store(sumsB1, to + BlockSide + 8);
                Vector256.Store(sumsB2, to + BlockSide + 16);
                Vector256.Store(sumsB3, to + BlockSide + 24);
            }
        }

        for (int j = 0; j < Side; j += 8)
        {
            for (int i = 0; i < Side; i += 4)
            {
                Vector256<float> sums0 = default;
                Vector256<float> sums1 = default;
                Vector256<float> sums2 = default;
                Vector256<float> sums3 = default;
                float* from = rows + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector256<float> scales = Vector256.Load(transposed + (k * Side) + j);
                    sums0 += Vector256.Create(from[k]) * scales;
                    sums1 += Vector256.Create(from[k + BlockSide]) * scales;
                    sums2 += Vector256.Create(from[k + (2 * BlockSide)]) * scales;
                    sums3 += Vector256.Create(from[k + (3 * BlockSide)]) * scales;
                }

                float* to = coefficients + (i * Side) + j;
                Vector256.Store(sums0, to);
                Vector256.Store(sums1, to + Side);
                Vector256.Store(sums2, to + (2 * Side));
                Vector256.Store(sums3, to + (3 * Side));
            }
        }
    }
}
