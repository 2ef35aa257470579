using CsCheck;
using HashMatch.Imaging;
using HashMatch.Imaging.Png;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>The own PNG decoder against libvips: the same bits, or a refusal by both.</summary>
public sealed class PngDifferentialTests(ITestOutputHelper output)
{
    private static readonly Enums.ForeignPngFilter[] Filters =
    [
        Enums.ForeignPngFilter.None, Enums.ForeignPngFilter.Sub, Enums.ForeignPngFilter.Up,
        Enums.ForeignPngFilter.Avg, Enums.ForeignPngFilter.Paeth, Enums.ForeignPngFilter.All,
    ];

    // Depth and colour type of everything that is decoded here.
    private static readonly (byte Depth, byte Colour)[] Kinds =
    [
        (1, 0), (2, 0), (4, 0), (8, 0), (8, 2), (1, 3), (2, 3), (4, 3), (8, 3), (8, 4), (8, 6),
    ];

    private static readonly int[] ChunkBytes = [1, 7, 4096, int.MaxValue];

    [Fact]
    public void Every_sample_png_gives_the_bits_of_libvips()
    {
        string[] files = Directory.GetFiles(Conformance.PathOf("images"), "*", SearchOption.AllDirectories);
        int compared = 0;
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (PngDecoder.CanDecode(bytes))
            {
                Assert.Equal(DecodeStatus.Ok, PngOracle.Compare(bytes, file));
                compared++;
            }
        }

        output.WriteLine($"{compared} PNG files.");
    }

    [Fact]
    public void Every_transcoding_gives_the_bits_of_libvips()
    {
        int compared = 0;
        foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)
            [(1, 1), (2, 3), (5, 7), (17, 16), (31, 65), (127, 93), (256, 99), (641, 33), (4099, 11)])
        {
            using Image rgb = Encodings.FromRgb(SamplePictures.Scene((uint)width, width, height), width, height);
            using Image ramp = (Image.Xyz(width, height)[0] & 255).Cast(Enums.BandFormat.Uchar);
            using Image rgba = rgb.Bandjoin(ramp);
            using Image grey = rgb[1].Copy(interpretation: Enums.Interpretation.Bw);
            using Image greyAlpha = grey.Bandjoin(ramp);
            foreach ((string kind, Image image) in (ReadOnlySpan<(string, Image)>)
                [("rgb", rgb), ("rgba", rgba), ("grey", grey), ("grey alpha", greyAlpha)])
            {
                foreach (Enums.ForeignPngFilter filter in Filters)
                {
                    byte[] png = image.PngsaveBuffer(filter: filter, compression: compared % 10);
                    Compare(png, $"{kind} {filter} {width} x {height}");
                    compared++;
                }
            }

            foreach (int depth in (int[])[1, 2, 4, 8])
            {
                string size = $"{depth} bits {width} x {height}";
                Compare(rgb.PngsaveBuffer(palette: true, bitdepth: depth), $"palette {size}");
                Compare(rgba.PngsaveBuffer(palette: true, bitdepth: depth), $"palette with alpha {size}");
                Compare(grey.PngsaveBuffer(bitdepth: depth), $"grey {size}");
                compared += 3;
            }
        }

        output.WriteLine($"{compared} files.");
        Assert.True(compared >= 300);
    }

    [Fact]
    public void Any_pixels_under_any_filters_give_the_bits_of_libvips() =>
        Gen.Select(
                Gen.Int[0, Kinds.Length - 1],
                Gen.Select(Gen.OneOf(Gen.Int[1, 40], Gen.Int[41, 1025]), Gen.Int[1, 24]),
                Gen.Int[0, 9],
                Gen.Int[0, int.MaxValue],
                Gen.Int[0, ChunkBytes.Length - 1])
            .Sample(
                (kind, size, filters, seed, chunks) => Compare(
                    Make(Kinds[kind], size.Item1, size.Item2, filters, new Random(seed), ChunkBytes[chunks]),
                    $"{Kinds[kind]} {size} filters {filters} seed {seed} chunks {ChunkBytes[chunks]}"),
                iter: 1200,
                threads: 1);

    [Theory]
    [InlineData(4099, 3, 2)]
    [InlineData(3, 4099, 2)]
    [InlineData(1, 30000, 0)]
    [InlineData(30000, 1, 6)]
    [InlineData(16001, 9, 6)]
    [InlineData(65536, 2, 0)]
    public void Long_and_wide_pictures_give_the_bits_of_libvips(int width, int height, byte colour)
    {
        byte[] png = Make((8, colour), width, height, 9, new Random(width), int.MaxValue);
        if (width > new ImageLimits().MaxWidth)
        {
            CodecResult result = PngDecoder.Decode(
                png, new ImageLimits(), new RecordingSink(), TestContext.Current.CancellationToken);
            Assert.Equal(DecodeStatus.TooManyPixels, result.Status);
            return;
        }

        Compare(png, $"{width} x {height}");
    }

    private static void Compare(byte[] png, string name) =>
        Assert.Equal(DecodeStatus.Ok, PngOracle.Compare(png, name));

    // Filters 0 to 4 for all rows; 5 and above for any filter in any row.
    private static byte[] Make(
        (byte Depth, byte Colour) kind, int width, int height, int filters, Random random, int chunkBytes)
    {
        var file = new PngFile(width, height, kind.Depth, kind.Colour);
        byte[] pixels = new byte[height * file.RowBytes];
        random.NextBytes(pixels);
        if (random.Next(2) == 0)
        {
            // Few levels, so that predictors tie and clear colours occur.
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] &= 3;
            }
        }

        if (kind.Colour == 3)
        {
            // Often fewer entries than there are indices.
            byte[] palette = new byte[3 * random.Next(1, (1 << kind.Depth) + 1)];
            random.NextBytes(palette);
            file.Add("PLTE", palette);
        }

        if (random.Next(2) == 0)
        {
            byte[] transparency = new byte[kind.Colour switch { 0 => 2, 2 => 6, _ => random.Next(0, 9) }];
            for (int i = 0; i < transparency.Length; i++)
            {
                transparency[i] = (byte)random.Next(4);
            }

            file.Add("tRNS", transparency);
        }

        byte[] lines = file.Filter(pixels, _ => filters < 5 ? filters : random.Next(5));
        return file.AddData(PngFile.Deflate(lines), chunkBytes).ToArray();
    }
}
