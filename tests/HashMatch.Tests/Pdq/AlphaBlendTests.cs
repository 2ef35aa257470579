using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

public sealed class AlphaBlendTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void A_pixel_is_mixed_with_the_ground_by_its_alpha(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        Gen.Select(Gen.Int[0, 150], Gen.Int[0, 1_000_000]).Sample(
            (count, seed) =>
            {
                Random random = new(seed);
                float[] luma = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 255)];
                byte[] alpha = new byte[count];
                random.NextBytes(alpha);
                float[] black = new float[count];
                float[] white = new float[count];
                AlphaBlend.OverBoth(luma, alpha, black, white, width);
                for (int x = 0; x < count; x++)
                {
                    float part = luma[x] * (alpha[x] / 255f);
                    Assert.Equal(part, black[x]);
                    Assert.Equal(part + (255f - alpha[x]), white[x]);
                }
            },
            iter: 100);
    }

    [Fact]
    public void Opaque_pixels_stay_as_they_are_and_clear_ones_are_the_ground()
    {
        float[] luma = [.. Enumerable.Range(0, 256).Select(level => level * 0.9973f)];
        float[] black = new float[256];
        float[] white = new float[256];
        byte[] alpha = new byte[256];
        AlphaBlend.OverBoth(luma, alpha, black, white);
        Assert.All(black, level => Assert.Equal(0, level));
        Assert.All(white, level => Assert.Equal(255, level));
        alpha.AsSpan().Fill(255);
        AlphaBlend.OverBoth(luma, alpha, black, white);
        Assert.Equal(luma, black);
        Assert.Equal(luma, white);
    }

    [Fact]
    public void Rows_of_different_lengths_are_refused()
    {
        float[] four = new float[4];
        Assert.Throws<ArgumentException>(() => AlphaBlend.OverBoth(four, new byte[3], four, four));
        Assert.Throws<ArgumentException>(() => AlphaBlend.OverBoth(four, new byte[4], new float[5], four));
        Assert.Throws<ArgumentException>(() => AlphaBlend.OverBoth(four, new byte[4], four, new float[3]));
    }
}
