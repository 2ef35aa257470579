using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>Reference fidelity gives the C++ reference's bits, at every width.</summary>
public sealed class ReferenceTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void All_synthetic_vectors_are_exact(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        int count = 0;
        foreach (string[] row in SyntheticVectors.Rows)
        {
            (string kind, bool isRgb) = (row[0], row[1] == "rgb");
            (int columns, int rows) = (int.Parse(row[2]), int.Parse(row[3]));
            byte[] pixels = Pictures.Synthetic(kind, isRgb, columns, rows, uint.Parse(row[4]));
            using Luma luma = Luma.Allocate(columns, rows);
            if (isRgb)
            {
                LumaConversion.FromRgb(pixels, luma.Pixels, width);
            }
            else
            {
                LumaConversion.FromGrey(pixels, luma.Pixels, width);
            }

            PdqResult result = PdqHasher.Hash(luma, PdqFidelity.Reference, width);
            Assert.Equal(string.Join(',', row), string.Join(',', [.. row[..5], $"{result.Quality}", $"{result.Hash}"]));
            Assert.Equal(
                result.Hash,
                PdqHasher.HashDihedral(luma, PdqFidelity.Reference, width)[Orientation.Original]);
            count++;
        }

        Assert.Equal(84, count);
    }

    [Fact]
    public void The_vectors_are_those_of_the_shared_table() =>
        Assert.Equal(Conformance.Rows("pdq-synthetic.csv"), SyntheticVectors.Rows);

    [Theory]
    [InlineData(PdqFidelity.Fast)]
    [InlineData(PdqFidelity.Reference)]
    public void A_picture_under_five_pixels_on_a_side_has_the_zero_hash_and_no_quality(PdqFidelity fidelity)
    {
        foreach ((int columns, int rows) in new[] { (4, 100), (100, 4), (1, 1) })
        {
            using Luma luma = Pictures.Noise(columns, rows, 1);
            Assert.Equal(default, PdqHasher.Hash(luma, fidelity));
            Assert.Equal(default, PdqHasher.HashDihedral(luma, fidelity)[Orientation.Rotated90]);
        }
    }

    [Fact]
    public void Reference_refuses_a_reduced_decode()
    {
        using Luma luma = Luma.Allocate(50, 50, 100, 100, 2, 2);
        Assert.Throws<ArgumentException>(() => PdqHasher.Hash(luma, PdqFidelity.Reference));
        Assert.Throws<ArgumentException>(() => PdqHasher.HashDihedral(luma, PdqFidelity.Reference));
    }

    [Theory]
    [InlineData(PdqFidelity.Fast)]
    [InlineData(PdqFidelity.Reference)]
    public void A_hash_in_steady_state_allocates_nothing(PdqFidelity fidelity)
    {
        using Luma luma = Pictures.Noise(321, 234, 7);
        Assert.Equal(0, Allocations.Least(() =>
        {
            PdqHasher.Hash(luma, fidelity);
            PdqHasher.HashDihedral(luma, fidelity);
        }));
    }

    [Fact]
    public async Task Many_threads_hash_as_one_does()
    {
        using Luma small = Pictures.Noise(150, 90, 3);
        using Luma large = Pictures.Clouds(500, 400, 4);
        PdqHash[] expected =
        [
            PdqHasher.Hash(small, PdqFidelity.Reference).Hash,
            PdqHasher.Hash(large, PdqFidelity.Reference).Hash,
            PdqHasher.Hash(small, PdqFidelity.Fast).Hash,
            PdqHasher.Hash(large, PdqFidelity.Fast).Hash,
        ];
        IEnumerable<Task<bool>> tasks = Enumerable.Range(0, 64).Select(i => Task.Run(
            () => PdqHasher.Hash(i % 2 == 0 ? small : large, i % 4 < 2 ? PdqFidelity.Reference : PdqFidelity.Fast).Hash
                == expected[i % 4],
            TestContext.Current.CancellationToken));
        Assert.All(await Task.WhenAll(tasks), Assert.True);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Luma_that_is_no_luma_gives_some_hash_and_no_exception(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.MaxValue, float.MinValue, -0f })
        {
            using Luma luma = Pictures.Noise(200, 100, 5);
            for (int i = 0; i < luma.Pixels.Length; i += 77)
            {
                luma.Pixels[i] = value;
            }

            foreach (PdqFidelity fidelity in Enum.GetValues<PdqFidelity>())
            {
                Assert.InRange(PdqHasher.Hash(luma, fidelity, width).Quality, 0, 100);
                Assert.InRange(PdqHasher.HashDihedral(luma, fidelity, width).Quality, 0, 100);
            }
        }
    }

    [Fact]
    public void Memory_that_held_pixels_is_zero_when_it_is_rented_again()
    {
        for (int i = 0; i < 20; i++)
        {
            using Scratch scratch = Scratch.Rent(Scratch.BytesFor(5000));
            unsafe
            {
                Span<float> taken = new(scratch.Take(5000), 5000);
                Assert.True(taken.IndexOfAnyExcept(0f) < 0);
                taken.Fill(123);
            }
        }
    }
}
