using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>Eight orientations from one DCT, and the group that they form.</summary>
public sealed unsafe class DihedralTests
{
    private static readonly Orientation[] All = Enum.GetValues<Orientation>();

    [Fact]
    public void Orientations_are_a_group()
    {
        foreach (Orientation a in All)
        {
            Assert.Equal(a, Dihedral.Compose(a, Orientation.Original));
            Assert.Equal(a, Dihedral.Compose(Orientation.Original, a));
            Assert.Equal(Orientation.Original, Dihedral.Compose(a, Dihedral.Inverse(a)));
            Assert.Equal(Orientation.Original, Dihedral.Compose(Dihedral.Inverse(a), a));
            foreach (Orientation b in All)
            {
                foreach (Orientation c in All)
                {
                    Assert.Equal(
                        Dihedral.Compose(Dihedral.Compose(a, b), c), Dihedral.Compose(a, Dihedral.Compose(b, c)));
                }
            }
        }
    }

    [Fact]
    public void Composing_is_turning_a_picture_twice()
    {
        using Luma picture = Pictures.Noise(7, 5, 1);
        foreach (Orientation first in All)
        {
            using Luma once = Pictures.Turn(picture, first);
            foreach (Orientation second in All)
            {
                using Luma twice = Pictures.Turn(once, second);
                using Luma direct = Pictures.Turn(picture, Dihedral.Compose(first, second));
                Assert.Equal((direct.Width, direct.Height), (twice.Width, twice.Height));
                Assert.True(direct.Pixels.SequenceEqual(twice.Pixels), $"{first} then {second}");
            }
        }
    }

    [Fact]
    public void Turned_luma_has_every_pixel_in_its_new_place()
    {
        using Luma picture = Pictures.Clouds(37, 12, 3);
        using Luma reduced = Luma.Allocate(10, 6, 37, 12, 4, 2);
        foreach (Orientation turn in All)
        {
            using Luma expected = Pictures.Turn(picture, turn);
            using Luma actual = picture.Turned(turn);
            Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
            Assert.True(expected.Pixels.SequenceEqual(actual.Pixels), turn.ToString());

            using Luma turned = reduced.Turned(turn);
            Assert.Equal(
                expected.Width == 37 ? (10, 6, 37, 12, 4.0, 2.0) : (6, 10, 12, 37, 2.0, 4.0),
                (turned.Width, turned.Height, turned.SourceWidth, turned.SourceHeight, turned.ScaleX, turned.ScaleY));
        }
    }

    [Theory]
    [InlineData(PdqFidelity.Fast)]
    [InlineData(PdqFidelity.Reference)]
    public void Hashes_of_a_turned_picture_are_those_of_the_picture_reoriented(PdqFidelity fidelity)
    {
        // Decimation is not symmetric, so a turned picture is a few bits off; any other orientation is far.
        using Luma picture = Pictures.Clouds(703, 512, 2);
        DihedralHashes hashes = PdqHasher.HashDihedral(picture, fidelity);
        foreach (Orientation turn in All)
        {
            using Luma turned = Pictures.Turn(picture, turn);
            DihedralHashes expected = PdqHasher.HashDihedral(turned, fidelity);
            DihedralHashes actual = hashes.Reoriented(turn);
            foreach (Orientation o in All)
            {
                Assert.InRange(actual[o].Distance(expected[o]), 0, 24);
                Assert.All(
                    All.Where(other => other != o),
                    other => Assert.InRange(actual[other].Distance(expected[o]), 64, 256));
            }
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_hashes_follow_the_reference_s_formulas(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        Gen.OneOf(Gen.Float[-500, 500].Array[256], Gen.Int[-2, 2].Select(i => (float)i).Array[256]).Sample(
            coefficients =>
            {
                fixed (float* values = coefficients)
                {
                    DihedralHashes hashes = Dihedral.Hashes(values, 77, width);
                    Assert.Equal(77, hashes.Quality);
                    foreach (Orientation o in All)
                    {
                        fixed (float* turned = Turned(coefficients, o))
                        {
                            Assert.Equal(CoefficientBits.Hash(turned, VectorWidth.Scalar), hashes[o]);
                        }
                    }
                }
            },
            iter: 50);
    }

    [Fact]
    public void What_is_no_orientation_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Dihedral.Inverse((Orientation)8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dihedral.Compose((Orientation)8, Orientation.Original));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dihedral.Compose(Orientation.Original, (Orientation)255));
    }

    private static float[] Turned(float[] coefficients, Orientation orientation)
    {
        float[] turned = new float[256];
        for (int i = 0; i < 16; i++)
        {
            for (int j = 0; j < 16; j++)
            {
                float b = coefficients[(16 * i) + j];
                (int at, float value) = orientation switch
                {
                    Orientation.Original => ((16 * i) + j, b),
                    Orientation.Rotated90 => ((16 * j) + i, j % 2 == 1 ? b : -b),
                    Orientation.Rotated180 => ((16 * i) + j, (i + j) % 2 == 1 ? -b : b),
                    Orientation.Rotated270 => ((16 * j) + i, i % 2 == 1 ? b : -b),
                    Orientation.FlippedX => ((16 * i) + j, i % 2 == 1 ? b : -b),
                    Orientation.FlippedY => ((16 * i) + j, j % 2 == 1 ? b : -b),
                    Orientation.FlippedPlus1 => ((16 * j) + i, b),
                    _ => ((16 * j) + i, (i + j) % 2 == 1 ? -b : b),
                };
                turned[at] = value;
            }
        }

        return turned;
    }
}
