using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>Fast fidelity: the folded filter is the reference's linear map, and its hashes are near the reference's.
/// </summary>
public sealed class FoldTests
{
    [Fact]
    public void A_kernel_is_two_boxes_and_the_decimation_folded_onto_stored_samples() =>
        Gen.Select(Gen.Int[5, 700], Gen.Int[1, 700], Gen.Bool).Sample(
            (length, wanted, isWhole) =>
            {
                double scale = isWhole ? 1 + (wanted % 9) : Math.Max(1, (double)length / wanted);
                int stored = (int)Math.Ceiling(length / scale);
                TentKernel kernel = TentKernel.For(length, stored, scale);
                double[,] expected = FoldDensely(TwoBoxes(length), length, stored, scale);
                for (int line = 0; line < TentKernel.Lines; line++)
                {
                    double[] actual = new double[stored];
                    for (int i = 0; i < kernel.Count(line); i++)
                    {
                        actual[kernel.Start(line) + i] = kernel.Weights[kernel.Offset(line) + i];
                    }

                    for (int i = 0; i < stored; i++)
                    {
                        Assert.Equal(expected[line, i], actual[i], 1e-6);
                    }

                    Assert.Equal(1, actual.Sum(), 1e-5);
                }
            },
            iter: 60);

    [Fact]
    public void The_last_stored_sample_takes_what_is_left()
    {
        TentKernel kernel = TentKernel.For(1001, 100, 10);
        Assert.Equal(99, kernel.Start(63) + kernel.Count(63) - 1);
        for (int line = 0; line < TentKernel.Lines; line++)
        {
            float sum = 0;
            foreach (float weight in kernel.Weights.Slice(kernel.Offset(line), kernel.Count(line)))
            {
                sum += weight;
            }

            Assert.Equal(1, sum, 1e-5f);
        }
    }

    [Fact]
    public void Rows_one_by_one_give_the_block_that_the_whole_matrices_give() =>
        Gen.Select(Gen.Int[5, 260], Gen.Int[5, 260], Gen.Int[1, 8], Gen.Int[0, 1_000_000]).Sample(
            (width, height, scale, seed) =>
            {
                using Luma luma = Pictures.Noise((width + scale - 1) / scale, (height + scale - 1) / scale, seed);
                using TentAccumulator accumulator = new();
                accumulator.Start(luma.Width, luma.Height, width, height, scale, scale);
                for (int y = 0; y < luma.Height; y++)
                {
                    accumulator.Add(luma.Row(y));
                }

                double[,] across = FoldDensely(TwoBoxes(width), width, luma.Width, scale);
                double[,] down = FoldDensely(TwoBoxes(height), height, luma.Height, scale);
                ReadOnlySpan<float> block = accumulator.Block;
                for (int i = 0; i < 64; i += 7)
                {
                    for (int j = 0; j < 64; j += 5)
                    {
                        double expected = 0;
                        for (int y = 0; y < luma.Height; y++)
                        {
                            for (int x = 0; x < luma.Width && down[i, y] != 0; x++)
                            {
                                expected += down[i, y] * across[j, x] * luma.Row(y)[x];
                            }
                        }

                        Assert.Equal(expected, block[(64 * i) + j], 0.001);
                    }
                }
            },
            iter: 60);

    [Theory]
    [InlineData(512, 512)]
    [InlineData(640, 480)]
    [InlineData(333, 777)]
    [InlineData(100, 37)]
    [InlineData(64, 64)]
    [InlineData(5, 9)]
    public void At_full_size_a_fast_hash_is_the_reference_s_within_two_bits(int width, int height)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            using Luma noise = Pictures.Noise(width, height, seed);
            using Luma clouds = Pictures.Clouds(width, height, seed);
            foreach (Luma luma in new[] { noise, clouds })
            {
                PdqResult fast = PdqHasher.Hash(luma, PdqFidelity.Fast);
                PdqResult reference = PdqHasher.Hash(luma, PdqFidelity.Reference);
                Assert.InRange(fast.Hash.Distance(reference.Hash), 0, 2);
                Assert.InRange(fast.Quality - reference.Quality, -1, 1);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(3)]
    public void A_reduced_decode_hashes_almost_as_the_full_one(int scale)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            using Luma full = Pictures.Clouds(1601, 1203, seed);
            using Luma reduced = Pictures.Reduce(full, scale);
            PdqHash reference = PdqHasher.Hash(full, PdqFidelity.Reference).Hash;
            Assert.InRange(PdqHasher.Hash(reduced, PdqFidelity.Fast).Hash.Distance(reference), 0, 12);
        }
    }

    [Fact]
    public void An_accumulator_wants_exactly_the_rows_that_it_was_told_of()
    {
        using TentAccumulator accumulator = new();
        Assert.Throws<InvalidOperationException>(() => accumulator.Hash());
        accumulator.Start(10, 2, 10, 10, 1, 5);
        Assert.Throws<ArgumentException>(() => accumulator.Add(new float[9]));
        accumulator.Add(new float[10]);
        Assert.Throws<InvalidOperationException>(() => accumulator.Hash());
        accumulator.Add(new float[10]);
        Assert.Throws<InvalidOperationException>(() => accumulator.Add(new float[10]));
        Assert.Equal(0, accumulator.Hash().Quality);
        Assert.Throws<InvalidOperationException>(() => accumulator.HashDihedral());
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Start(11, 2, 10, 10, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Start(10, 10, 10, 10, 0.5, 1));
    }

    [Fact]
    public void An_accumulator_forgets_a_picture_that_was_not_finished()
    {
        using Luma luma = Pictures.Noise(90, 70, 1);
        using TentAccumulator accumulator = new();
        accumulator.Start(30, 80, 60, 80, 2, 1);
        accumulator.Add(new float[30]);
        accumulator.Start(90, 70, 90, 70, 1, 1);
        for (int y = 0; y < 70; y++)
        {
            accumulator.Add(luma.Row(y));
        }

        Assert.Equal(PdqHasher.Hash(luma, PdqFidelity.Fast), accumulator.Hash());
    }

    /// <summary>
    /// The filter of one axis from the recipe: what each line takes of a picture with one bright sample.
    /// </summary>
    private static double[,] TwoBoxes(int length)
    {
        double[,] matrix = new double[64, length];
        for (int x = 0; x < length; x++)
        {
            double[] samples = new double[length];
            samples[x] = 1;
            double[] filtered = Box(Box(samples));
            for (int line = 0; line < 64; line++)
            {
                matrix[line, x] = filtered[((2 * line) + 1) * length / 128];
            }
        }

        return matrix;
    }

    private static double[] Box(double[] samples)
    {
        int length = samples.Length;
        int window = (length + 127) / 128;
        int half = (window + 2) / 2;
        double[] filtered = new double[length];
        (double sum, int count, int right, int left, int to) = (0, 0, 0, 0, 0);
        for (int i = 0; i < half - 1; i++, count++)
        {
            sum += samples[right++];
        }

        for (int i = 0; i < window - half + 1; i++)
        {
            sum += samples[right++];
            count++;
            filtered[to++] = sum / count;
        }

        for (int i = 0; i < length - window; i++)
        {
            sum += samples[right++] - samples[left++];
            filtered[to++] = sum / count;
        }

        for (int i = 0; i < half - 1; i++)
        {
            sum -= samples[left++];
            count--;
            filtered[to++] = sum / count;
        }

        return filtered;
    }

    /// <summary>What each stored sample stands for, by the overlap of its stretch with every source sample.</summary>
    private static double[,] FoldDensely(double[,] matrix, int length, int stored, double scale)
    {
        double[,] folded = new double[64, stored];
        for (int r = 0; r < stored; r++)
        {
            double from = r * scale;
            double to = r == stored - 1 ? length : (r + 1) * scale;
            for (int x = (int)from; x < Math.Min(length, Math.Ceiling(to)); x++)
            {
                double overlap = Math.Max(0, Math.Min(to, x + 1) - Math.Max(from, x));
                for (int line = 0; line < 64; line++)
                {
                    folded[line, r] += overlap * matrix[line, x];
                }
            }
        }

        return folded;
    }
}
