using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>Every kernel at every width gives, bit for bit, what it gives one float at a time.</summary>
public sealed unsafe class WidthTests
{
    private static readonly Gen<(int Width, int Height, int Seed)> AnyPicture =
        Gen.Select(Gen.Int[5, 330], Gen.Int[5, 330], Gen.Int[0, 1_000_000]);

    private static readonly Gen<float[]> AnyBlock = Gen.OneOf(
        Gen.Float[0, 255].Array[64 * 64],
        Gen.Int[0, 2].Select(level => (float)level).Array[64 * 64],
        Gen.Int[0, 255].Select(level => Enumerable.Repeat((float)level, 64 * 64).ToArray()));

    private static readonly float[] Odd = [0f, -0f, 1e-30f, float.MinValue, float.MaxValue, float.Epsilon];

    private static readonly Gen<float[]> AnyCoefficients = Gen.OneOf(
        Gen.Float[-2000, 2000].Array[256],
        Gen.Int[-2, 2].Select(level => (float)level).Array[256],
        Gen.Int[0, 5].Select(i => Odd[i]).Array[256]);

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_box_filter_returns_what_scalar_returns(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        AnyPicture.Sample(
            picture =>
            {
                using Luma luma = Pictures.Noise(picture.Width, picture.Height, picture.Seed);
                return Decimate(luma, VectorWidth.Scalar).AsSpan().SequenceEqual(Decimate(luma, width));
            },
            iter: 60);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_box_filter_returns_what_scalar_returns_at_every_window(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        for (int window = 1; window <= 512; window = window < 9 ? window + 1 : (window * 2) - 7)
        {
            foreach (int length in new[] { (128 * window) - 127, (128 * window) - 60 })
            {
                using Luma wide = Pictures.Noise(Math.Max(5, length), 6, length);
                Assert.Equal(Decimate(wide, VectorWidth.Scalar), Decimate(wide, width));
                using Luma tall = Pictures.Noise(7, Math.Max(5, length), length);
                Assert.Equal(Decimate(tall, VectorWidth.Scalar), Decimate(tall, width));
            }
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void A_picture_with_longer_sides_than_the_quotient_was_tried_for_is_exact_too(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        using Luma wide = Pictures.Noise(131_073, 5, 11);
        Assert.Equal(Decimate(wide, VectorWidth.Scalar), Decimate(wide, width));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void A_large_picture_is_filtered_as_by_scalar(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        using Luma luma = Pictures.Noise(2077, 1201, 12);
        Assert.Equal(Decimate(luma, VectorWidth.Scalar), Decimate(luma, width));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_folded_filter_returns_what_scalar_returns(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        Gen.Select(AnyPicture, Gen.Int[1, 330], Gen.Int[1, 330]).Sample(
            (picture, storedWidth, storedHeight) =>
            {
                storedWidth = Math.Min(storedWidth, picture.Width);
                storedHeight = Math.Min(storedHeight, picture.Height);
                using Luma luma = Pictures.Noise(storedWidth, storedHeight, picture.Seed);
                float[] scalar = Fold(luma, picture.Width, picture.Height, VectorWidth.Scalar);
                return scalar.AsSpan().SequenceEqual(Fold(luma, picture.Width, picture.Height, width));
            },
            iter: 100);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_transform_returns_what_scalar_returns(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        AnyBlock.Sample(
            block => Transform(block, VectorWidth.Scalar).AsSpan().SequenceEqual(Transform(block, width)), iter: 50);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_quality_is_what_scalar_returns(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        AnyBlock.Sample(
            block =>
            {
                fixed (float* samples = block)
                {
                    return BlockQuality.Of(samples, VectorWidth.Scalar) == BlockQuality.Of(samples, width);
                }
            },
            iter: 50);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void A_bit_is_set_where_a_coefficient_is_over_the_lower_median(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        AnyCoefficients.Sample(
            coefficients =>
            {
                float median = coefficients.Order().ElementAt(127);
                ulong[] words = new ulong[4];
                for (int k = 0; k < 256; k++)
                {
                    words[k / 64] |= coefficients[k] > median ? 1UL << (k % 64) : 0;
                }

                fixed (float* values = coefficients)
                {
                    return CoefficientBits.Hash(values, width) == new PdqHash(words[0], words[1], words[2], words[3]);
                }
            },
            iter: 200);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Luma_of_a_row_is_the_weighted_sum_in_order(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        Gen.Select(Gen.Int[0, 150], Gen.Int[0, 1_000_000]).Sample(
            (count, seed) =>
            {
                byte[] pixels = new byte[4 * count];
                new Random(seed).NextBytes(pixels);
                float[] luma = new float[count];
                LumaConversion.FromRgb(pixels.AsSpan(0, 3 * count), luma, width);
                Assert.Equal(Enumerable.Range(0, count).Select(x => Mix(pixels.AsSpan(3 * x))), luma);
                LumaConversion.FromRgba(pixels, luma, width);
                Assert.Equal(Enumerable.Range(0, count).Select(x => Mix(pixels.AsSpan(4 * x))), luma);
                LumaConversion.FromGrey(pixels.AsSpan(0, count), luma, width);
                Assert.Equal(pixels.Take(count).Select(level => (float)level), luma);
            },
            iter: 100);
    }

    [Fact]
    public void Luma_of_too_few_bytes_is_refused()
    {
        float[] luma = new float[4];
        Assert.Throws<ArgumentException>(() => LumaConversion.FromRgb(new byte[11], luma));
        Assert.Throws<ArgumentException>(() => LumaConversion.FromRgba(new byte[15], luma));
        Assert.Throws<ArgumentException>(() => LumaConversion.FromGrey(new byte[3], luma));
    }

    private static float Mix(ReadOnlySpan<byte> pixel)
    {
        float red = 0.299f * pixel[0];
        float green = 0.587f * pixel[1];
        float blue = 0.114f * pixel[2];
        float yellow = red + green;
        return yellow + blue;
    }

    private static float[] Decimate(Luma luma, VectorWidth width)
    {
        float[] block = new float[64 * 64];
        fixed (float* pixels = luma.Pixels, samples = block)
        {
            JaroszFilter.Decimate(pixels, luma.Width, luma.Height, samples, width);
        }

        return block;
    }

    private static float[] Fold(Luma luma, int sourceWidth, int sourceHeight, VectorWidth width)
    {
        using TentAccumulator accumulator = new(width);
        accumulator.Start(
            luma.Width, luma.Height, sourceWidth, sourceHeight,
            (double)sourceWidth / luma.Width, (double)sourceHeight / luma.Height);
        for (int y = 0; y < luma.Height; y++)
        {
            accumulator.Add(luma.Row(y));
        }

        return accumulator.Block.ToArray();
    }

    private static float[] Transform(float[] block, VectorWidth width)
    {
        float[] coefficients = new float[256];
        fixed (float* samples = block, values = coefficients)
        {
            Dct64To16.Transform(samples, values, width);
        }

        return coefficients;
    }
}
