using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Sixteen outputs at a time, eight or four vectors of sums abreast.</content>
internal static unsafe partial class Dct64To16
{
    private static void Transform512(
        float* matrix, float* transposed, float* block, float* rows, float* coefficients)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int j = 0; j < BlockSide; j += 64)
        {
            for (int i = 0; i < Side; i += 2)
            {
                Vector512<float> sumsA0 = default;
                Vector512<float> sumsA1 = default;
                Vector512<float> sumsA2 = default;
                Vector512<float> sumsA3 = default;
                Vector512<float> sumsB0 = default;
                Vector512<float> sumsB1 = default;
                Vector512<float> sumsB2 = default;
                Vector512<float> sumsB3 = default;
                float* from = block + j;
                float* scales = matrix + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector512<float> samples0 = Vector512.Load(from);
                    Vector512<float> samples1 = Vector512.Load(from + 16);
                    Vector512<float> samples2 = Vector512.Load(from + 32);
                    Vector512<float> samples3 = Vector512.Load(from + 48);
                    Vector512<float> scaleA = Vector512.Create(scales[k]);
                    Vector512<float> scaleB = Vector512.Create(scales[k + BlockSide]);
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
                Vector512.Store(sumsA0, to);
                Vector512.Store(sumsA1, to + 16);
                Vector512.Store(sumsA2, to + 32);
                Vector512.Store(sumsA3, to + 48);
                Vector512.Store(sumsB0, to + BlockSide);
                Vector512.Store(sumsB1, to + BlockSide + 16);
                Vector512.Store(sumsB2, to + BlockSide + 32);
                Vector512.Store(sumsB3, to + BlockSide + 48);
            }
        }

        for (int j = 0; j < Side; j += 16)
        {
            for (int i = 0; i < Side; i += 4)
            {
                Vector512<float> sums0 = default;
                Vector512<float> sums1 = default;
                Vector512<float> sums2 = default;
                Vector512<float> sums3 = default;
                float* from = rows + (i * BlockSide);
                for (int k = 0; k < BlockSide; k++)
                {
                    Vector512<float> scales = Vector512.Load(transposed + (k * Side) + j);
                    sums0 += Vector512.Create(from[k]) * scales;
                    sums1 += Vector512.Create(from[k + BlockSide]) * scales;
                    sums2 += Vector512.Create(from[k + (2 * BlockSide)]) * scales;
                    sums3 += Vector512.Create(from[k + (3 * BlockSide)]) * scales;
                }

                float* to = coefficients + (i * Side) + j;
                Vector512.Store(sums0, to);
                Vector512.Store(sums1, to + Side);
                Vector512.Store(sums2, to + (2 * Side));
                Vector512.Store(sums3, to + (3 * Side));
            }
        }
    }
}
