using CsCheck;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class BlockTransformTests
{
    private const int Stride = 8 * BlockTransform.Lanes;

    public static TheoryData<int> Reductions => [1, 2, 4, 8];

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Vectors_return_what_scalar_returns(int factor)
    {
        Reduction reduction = Reduction.Of(factor);
        Gen.Int[-40_000, 40_000].Array[reduction.Count * BlockTransform.Lanes].Sample(
            coefficients =>
            {
                float[] expected = Transform(coefficients, reduction, VectorWidth.Scalar);
                foreach (VectorWidth width in Enum.GetValues<VectorWidth>().Where(VectorWidths.IsSupported))
                {
                    Assert.Equal(expected, Transform(coefficients, reduction, width));
                }
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Samples_are_means_of_what_the_kept_coefficients_show(int factor)
    {
        Reduction reduction = Reduction.Of(factor);
        Gen.Int[-60, 60].Array[reduction.Count * BlockTransform.Lanes].Sample(
            coefficients =>
            {
                float[] rows = Transform(coefficients, reduction, VectorWidths.Widest);
                for (int i = 0; i < reduction.Count; i++)
                {
                    (int x, int y) = (i % reduction.Side, i / reduction.Side);
                    double expected = Math.Clamp(Mean(coefficients, reduction, x, y) + 128, 0, 255);
                    double tolerance = factor == 1 ? 0.51 + 0.05 : 0.001;
                    Assert.InRange(rows[(y * Stride) + x] - expected, -tolerance, tolerance);
                }
            },
            iter: 100);
    }

    private static float[] Transform(int[] coefficients, Reduction reduction, VectorWidth width)
    {
        float[] rows = new float[reduction.Side * Stride];
        BlockTransform.ToRows([.. coefficients], reduction, rows, Stride, width);
        return rows;
    }

    // Of lane 0, by ITU T.81, A.3.3.
    private static double Mean(int[] coefficients, Reduction reduction, int x, int y)
    {
        double sum = 0;
        for (int i = 0; i < reduction.Count; i++)
        {
            (int column, int row) = (i % reduction.Side, i / reduction.Side);
            double across = 0;
            double down = 0;
            for (int j = 0; j < reduction.Factor; j++)
            {
                across += Math.Cos(((2 * ((x * reduction.Factor) + j)) + 1) * column * Math.PI / 16);
                down += Math.Cos(((2 * ((y * reduction.Factor) + j)) + 1) * row * Math.PI / 16);
            }

            double scale = (row == 0 ? Math.Sqrt(0.5) : 1) * (column == 0 ? Math.Sqrt(0.5) : 1) / 4;
            sum += coefficients[i * BlockTransform.Lanes] * scale * across * down
                / (reduction.Factor * reduction.Factor);
        }

        return sum;
    }
}
