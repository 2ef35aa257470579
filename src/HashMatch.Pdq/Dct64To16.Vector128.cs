using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four outputs at a time, eight or four vectors of sums abreast.</content>
internal static unsafe partial class Dct64To16
{
    private static void Transform128(
        float* matrix, float* transposed, float* block, float* rows, float* coefficients)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int j = 0; j < BlockSide; j += 16)
        {
            for (int i = 0; i < Side; i += 2)
            {
                Vector128<float> sumsA0 = default;
                Vector128<float> sumsA1 = default;
                Vector128<float> sumsA2 = default;
                Vector128<float> sumsA3 = default;
                Vector128<float> sumsB0 = default;
                Vector128<float> sumsB1 = default;
                Vector128<float> sumsB2 = default;
                Vector128<float> sumsB3 = default;
                float* from = block + j;
                float* scales = matrix + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector128<float> samples0 = Vector128.Load(from);
                    Vector128<float> samples1 = Vector128.Load(from + 4);
                    Vector128<float> samples2 = Vector128.Load(from + 8);
                    Vector128<float> samples3 = Vector128.Load(from + 12);
                    Vector128<float> scaleA = Vector128.Create(scales[k]);
                    Vector128<float> scaleB = Vector128.Create(scales[k + BlockSide]);
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
                Vector128.Store(sumsA0, to);
                Vector128.Store(sumsA1, to + 4);
                Vector128.Store(sumsA2, to + 8);
                Vector128.Store(sumsA3, to + 12);
                Vector128.Store(sumsB0, to + BlockSide);
                Vector128.Store(sumsB1, to + BlockSide + 4);
                Vector128.Store(sumsB2, to + BlockSide + 8);
                Vector128.Store(sumsB3, to + BlockSide + 12);
            }
        }

        for (int j = 0; j < Side; j += 4)
        {
            for (int i = 0; i < Side; i += 4)
            {
                Vector128<float> sums0 = default;
                Vector128<float> sums1 = default;
                Vector128<float> sums2 = default;
                Vector128<float> sums3 = default;
                float* from = rows + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector128<float> scales = Vector128.Load(transposed + (k * Side) + j);
                    sums0 += Vector128.Create(from[k]) * scales;
                    sums1 += Vector128.Create(from[k + BlockSide]) * scales;
                    sums2 += Vector128.Create(from[k + (2 * BlockSide)]) * scales;
                    sums3 += Vector128.Create(from[k + (3 * BlockSide)]) * scales;
                }

                float* to = coefficients + (i * Side) + j;
                Vector128.Store(sums0, to);
                Vector128.Store(sums1, to + Side);
                Vector128.Store(sums2, to + (2 * Side));
                Vector128.Store(sums3, to + (3 * Side));
            }
        }
    }
}
