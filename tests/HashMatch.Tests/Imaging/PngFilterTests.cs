using CsCheck;
using HashMatch.Imaging.Png;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>PNG's row filters and alpha by vectors against scalar, and against the format's own words.</summary>
public sealed class PngFilterTests
{
    [Fact]
    public void Vectors_unfilter_as_scalar_does() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 4], Gen.Int[0, 300], Gen.Int[0, int.MaxValue])
            .Sample(
                (filter, pixelBytes, pixels, seed) =>
                {
                    Random random = new(seed);
                    byte[] filtered = Bytes(random, pixels * pixelBytes);
                    byte[] above = Bytes(random, pixels * pixelBytes);
                    byte[] scalar = new byte[filtered.Length];
                    byte[] vectored = new byte[filtered.Length];
                    byte type = (byte)filter;
                    Assert.True(RowFilter.TryUndo(type, filtered, above, scalar, pixelBytes, isVectored: false));
                    Assert.True(RowFilter.TryUndo(type, filtered, above, vectored, pixelBytes, isVectored: true));
                    Assert.Equal(scalar, vectored);
                },
                iter: 20_000,
                threads: 1);

    [Fact]
    public void Unfiltering_undoes_what_the_format_says() =>
        Gen.Select(Gen.OneOf(Gen.Const(0), Gen.Const(2), Gen.Const(4), Gen.Const(6)), Gen.Int[1, 60],
                Gen.Int[0, int.MaxValue])
            .Sample(
                (colour, width, seed) =>
                {
                    Random random = new(seed);
                    var file = new PngFile(width, 6, 8, (byte)colour);
                    byte[] pixels = Bytes(random, 6 * file.RowBytes);
                    byte[] lines = file.Filter(pixels, _ => random.Next(5));
                    byte[] above = new byte[file.RowBytes];
                    byte[] row = new byte[file.RowBytes];
                    for (int y = 0; y < 6; y++)
                    {
                        ReadOnlySpan<byte> line = lines.AsSpan(y * (file.RowBytes + 1), file.RowBytes + 1);
                        Assert.True(RowFilter.TryUndo(line[0], line[1..], above, row, file.PixelBits / 8));
                        Assert.True(row.AsSpan().SequenceEqual(pixels.AsSpan(y * row.Length, row.Length)));
                        row.CopyTo(above, 0);
                    }
                },
                iter: 2000,
                threads: 1);

    [Fact]
    public void Every_neighbourhood_has_the_nearest_of_paeth()
    {
        byte[] filtered = new byte[12];
        byte[] row = new byte[12];
        byte[] above = new byte[12];
        for (int i = 0; i < 1 << 24; i += 37)
        {
            (byte a, byte b, byte c) = ((byte)i, (byte)(i >> 8), (byte)(i >> 16));
            int p = a + b - c;
            (int pa, int pb, int pc) = (Math.Abs(p - a), Math.Abs(p - b), Math.Abs(p - c));
            byte nearest = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
            above[0] = c;
            above[4] = b;
            filtered[0] = (byte)(a - c);
            RowFilter.TryUndo(4, filtered, above, row, 4);
            Assert.Equal((a, nearest), (row[0], row[4]));
        }
    }

    [Fact]
    public void A_filter_that_does_not_exist_is_told()
    {
        byte[] row = [1, 2, 3];
        Assert.False(RowFilter.TryUndo(5, [4, 5, 6], [1, 1, 1], row, 3));
        Assert.Equal([1, 2, 3], row);
    }

    [Fact]
    public void Vectors_take_alpha_as_scalar_does() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, int.MaxValue])
            .Sample(
                (count, seed) =>
                {
                    byte[] bytes = Bytes(new Random(seed), 4 * count);
                    byte[] scalar = new byte[count];
                    byte[] vectored = new byte[count];
                    AlphaRow.FromRgba(bytes, scalar, isVectored: false);
                    AlphaRow.FromRgba(bytes, vectored, isVectored: true);
                    Assert.Equal(scalar, vectored);
                    byte[] scalarGrey = new byte[count];
                    byte[] vectoredGrey = new byte[count];
                    AlphaRow.FromGreyAlpha(bytes, scalarGrey, scalar, isVectored: false);
                    AlphaRow.FromGreyAlpha(bytes, vectoredGrey, vectored, isVectored: true);
                    Assert.Equal(scalar, vectored);
                    Assert.Equal(scalarGrey, vectoredGrey);
                },
                iter: 3000,
                threads: 1);

    // Half of the time few levels, so that predictors tie.
    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        byte mask = (byte)(random.Next(2) == 0 ? 3 : 255);
        for (int i = 0; i < count; i++)
        {
            bytes[i] &= mask;
        }

        return bytes;
    }
}
