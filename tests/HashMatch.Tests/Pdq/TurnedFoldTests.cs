using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>The folded filter hashes a turned picture from rows as they are stored.</summary>
public sealed class TurnedFoldTests
{
    private static readonly Orientation[] All = Enum.GetValues<Orientation>();

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Rows_as_stored_give_the_block_of_the_turned_picture(int bits)
    {
        VectorWidth width = Widths.Require(bits);
        Gen.Select(Gen.Int[5, 330], Gen.Int[5, 330], Gen.Int[0, 7], Gen.Int[0, 1_000_000]).Sample(
            (columns, rows, turn, seed) =>
            {
                using Luma luma = Pictures.Noise(columns, rows, seed);
                using Luma turned = luma.Turned(All[turn]);
                ExpectSameBlock(turned, luma, All[turn], width);
            },
            iter: 80);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void So_do_rows_of_a_reduced_decode_of_whole_blocks(int scale) =>
        Gen.Select(Gen.Int[5, 160], Gen.Int[5, 160], Gen.Int[0, 7], Gen.Int[0, 1_000_000]).Sample(
            (columns, rows, turn, seed) =>
            {
                using Luma luma = Reduced(columns, rows, columns * scale, rows * scale, scale, seed);
                using Luma turned = luma.Turned(All[turn]);
                ExpectSameBlock(turned, luma, All[turn], VectorWidths.Widest);
            },
            iter: 60);

    // A last column that covers less than the others comes first in a mirrored picture. Luma's turn shifts the picture
    // there; the mirrored kernel does not, so that a source of its full size is the measure.
    [Fact]
    public void A_last_column_that_covers_less_stays_where_it_is() =>
        Gen.Select(Gen.Int[40, 500], Gen.Int[40, 500], Gen.Int[0, 7], Gen.Int[2, 8], Gen.Int[0, 1_000_000]).Sample(
            (columns, rows, turn, scale, seed) =>
            {
                using Luma reduced = Reduced(
                    (columns + scale - 1) / scale, (rows + scale - 1) / scale, columns, rows, scale, seed);
                using Luma full = Luma.Allocate(columns, rows);
                for (int y = 0; y < rows; y++)
                {
                    for (int x = 0; x < columns; x++)
                    {
                        full.Row(y)[x] = reduced.Row(y / scale)[x / scale];
                    }
                }

                using Luma turned = full.Turned(All[turn]);
                ExpectSameBlock(turned, reduced, All[turn], VectorWidths.Widest);
            },
            iter: 60);

    [Fact]
    public void All_widths_give_a_turned_picture_the_same_bits() =>
        Gen.Select(Gen.Int[5, 330], Gen.Int[5, 330], Gen.Int[1, 7], Gen.Int[0, 1_000_000]).Sample(
            (columns, rows, turn, seed) =>
            {
                using Luma luma = Pictures.Noise(columns, rows, seed);
                PdqHash[] hashes = [.. Enum.GetValues<VectorWidth>().Where(VectorWidths.IsSupported)
                    .Select(width => Hash(luma, All[turn], width).Hash).Distinct()];
                return hashes.Length == 1;
            },
            iter: 60);

    [Theory]
    [InlineData(640, 480)]
    [InlineData(333, 777)]
    [InlineData(128, 256)]
    public void A_turned_hash_is_that_of_the_turned_picture(int columns, int rows)
    {
        using Luma luma = Pictures.Clouds(columns, rows, 5);
        foreach (Orientation turn in All)
        {
            using Luma turned = luma.Turned(turn);
            PdqResult expected = PdqHasher.Hash(turned, PdqFidelity.Fast);
            PdqResult actual = Hash(luma, turn, VectorWidths.Widest);
            Assert.InRange(actual.Hash.Distance(expected.Hash), 0, 2);
            Assert.InRange(actual.Quality - expected.Quality, -1, 1);
        }
    }

    [Fact]
    public void An_accumulator_goes_on_where_another_stands() =>
        Gen.Select(Gen.Int[5, 200], Gen.Int[5, 200], Gen.Int[0, 200], Gen.Int[0, 7], Gen.Int[0, 1_000_000]).Sample(
            (columns, rows, fork, turn, seed) =>
            {
                fork = Math.Min(fork, rows);
                using Luma luma = Pictures.Noise(columns, rows, seed);
                using Luma other = Pictures.Noise(columns, rows, seed + 1);
                using TentAccumulator first = new();
                using TentAccumulator second = new();
                first.Start(columns, rows, columns, rows, 1, 1, All[turn]);
                Add(first, luma, 0, fork);
                second.StartFrom(first);
                Add(first, luma, fork, rows);
                Add(second, other, fork, rows);
                Assert.Equal(Hash(luma, All[turn], VectorWidths.Widest), first.Hash());
                for (int y = 0; y < fork; y++)
                {
                    luma.Row(y).CopyTo(other.Row(y));
                }

                Assert.Equal(Hash(other, All[turn], VectorWidths.Widest), second.Hash());
            },
            iter: 60);

    [Fact]
    public void What_is_no_orientation_is_refused()
    {
        using TentAccumulator accumulator = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Start(9, 9, 9, 9, 1, 1, (Orientation)8));
    }

    private static Luma Reduced(int width, int height, int sourceWidth, int sourceHeight, int scale, int seed)
    {
        Luma luma = Luma.Allocate(width, height, sourceWidth, sourceHeight, scale, scale);
        using Luma noise = Pictures.Noise(width, height, seed);
        noise.Pixels.CopyTo(luma.Pixels);
        return luma;
    }

    private static void ExpectSameBlock(Luma turned, Luma stored, Orientation turn, VectorWidth width)
    {
        using TentAccumulator expected = new(width);
        Start(expected, turned, Orientation.Original);
        Add(expected, turned, 0, turned.Height);
        using TentAccumulator actual = new(width);
        Start(actual, stored, turn);
        Add(actual, stored, 0, stored.Height);
        float[] block = expected.Block.ToArray();
        actual.Finish();
        for (int i = 0; i < block.Length; i++)
        {
            Assert.Equal(block[i], actual.Block[i], 0.002f);
        }
    }

    private static PdqResult Hash(Luma luma, Orientation turn, VectorWidth width)
    {
        using TentAccumulator accumulator = new(width);
        Start(accumulator, luma, turn);
        Add(accumulator, luma, 0, luma.Height);
        return accumulator.Hash();
    }

    private static void Start(TentAccumulator accumulator, Luma luma, Orientation turn) => accumulator.Start(
        luma.Width, luma.Height, luma.SourceWidth, luma.SourceHeight, luma.ScaleX, luma.ScaleY, turn);

    private static void Add(TentAccumulator accumulator, Luma luma, int from, int to)
    {
        for (int y = from; y < to; y++)
        {
            accumulator.Add(luma.Row(y));
        }
    }
}
