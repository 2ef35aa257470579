using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class EncodedPictureTests
{
    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static readonly PdqHash Original = HashOf(Encodings.Rgb, Encodings.Width, Encodings.Height);

    public static TheoryData<string> Names => [.. Encodings.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_kind_of_file_hashes_to_its_picture(string name)
    {
        EncodedPicture picture = Encodings.All[name];
        foreach (PdqFidelity fidelity in Enum.GetValues<PdqFidelity>())
        {
            ImageHashes decoded = Decoder.Hash(picture.File, new HashOptions { Fidelity = fidelity }, Cancellation);
            Assert.True(decoded.Status == DecodeStatus.Ok, decoded.Detail);
            Assert.Equal(picture.Format, decoded.Format);
            Assert.Equal((Encodings.Width, Encodings.Height), (decoded.Width, decoded.Height));
            Assert.Equal(Orientation.Original, decoded.Upright);
            DihedralHashes result = decoded.Renditions[0].AsStored;
            Assert.InRange(result[Orientation.Original].Distance(Original), 0, picture.MaxDistance);
            Assert.True(result.Quality >= 80);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_cut_short_is_truncated_at_every_length_that_costs_pixels(string name)
    {
        EncodedPicture picture = Encodings.All[name];
        int step = Math.Max(1, picture.File.Length / 97);
        for (int length = 16; length < picture.File.Length; length += step)
        {
            ImageHashes decoded =
                Decoder.Hash(picture.File.AsMemory(0, length), Hashing.Reference, Cancellation);
            if (decoded.Status == DecodeStatus.Ok)
            {
                // Cut behind the first picture, or in what is no pixel.
                PdqHash hash = decoded.Renditions[0].AsStored[Orientation.Original];
                Assert.InRange(hash.Distance(Original), 0, picture.MaxDistance);
                continue;
            }

            Assert.True(
                decoded.Status == DecodeStatus.Truncated,
                $"{length} of {picture.File.Length} bytes: {decoded.Status}, {decoded.Detail}");
            Assert.NotEmpty(decoded.Detail);
            Assert.Empty(decoded.Renditions);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cancelled_decode_is_timed_out(string name)
    {
        ImageHashes decoded =
            Decoder.Hash(Encodings.All[name].File, Hashing.Fast, new CancellationToken(canceled: true));
        Assert.Equal(DecodeStatus.TimedOut, decoded.Status);
        Assert.Empty(decoded.Renditions);
    }

    [Theory]
    [InlineData(1025, 1030)]
    [InlineData(2049, 1025)]
    [InlineData(1531, 2047)]
    public void A_reduced_jpeg_covers_all_of_its_source(int width, int height)
    {
        byte[] rgb = SamplePictures.Scene(11, width, height);
        using Image image = Encodings.FromRgb(rgb, width, height);
        ImageHashes decoded = Decoder.Hash(image.JpegsaveBuffer(q: 90), Hashing.Fast, Cancellation);
        using Luma luma = Hashing.Pixels(Decoder, image.JpegsaveBuffer(q: 90), PdqFidelity.Fast);
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal((width, height), (luma.SourceWidth, luma.SourceHeight));
        Assert.Equal((2.0, 2.0), (luma.ScaleX, luma.ScaleY));
        Assert.Equal(((width + 1) / 2, (height + 1) / 2), (luma.Width, luma.Height));
        Assert.InRange(PdqHasher.Hash(luma, PdqFidelity.Fast).Hash.Distance(HashOf(rgb, width, height)), 0, 10);
    }

    [Fact]
    public void A_reduced_webp_stays_near()
    {
        byte[] rgb = SamplePictures.Scene(12, 1407, 1033);
        using Image image = Encodings.FromRgb(rgb, 1407, 1033);
        ImageHashes decoded = Decoder.Hash(image.WebpsaveBuffer(q: 90), Hashing.Fast, Cancellation);
        DihedralHashes result = decoded.Renditions[0].AsStored;
        Assert.InRange(result[Orientation.Original].Distance(HashOf(rgb, 1407, 1033)), 0, 10);
    }

    [Fact]
    public void The_rest_of_an_animation_does_not_change_its_first_picture()
    {
        using Image animation = Encodings.Animation(40, 64, 48);
        byte[] gif = animation.GifsaveBuffer();
        using Image still = Encodings.FromRgb(SamplePictures.Scene(Encodings.Seed, 64, 48), 64, 48);
        using Luma moving = Hashing.Pixels(Decoder, gif, PdqFidelity.Reference);
        using Luma alone = Hashing.Pixels(Decoder, still.GifsaveBuffer(), PdqFidelity.Reference);
        Assert.Equal(alone.Pixels, moving.Pixels);
    }

    [Fact]
    public void Hidden_colours_under_alpha_are_hashed_as_they_are_stored()
    {
        using Image rgb = Encodings.FromRgb(Encodings.Rgb, Encodings.Width, Encodings.Height);
        using Image clear = rgb.Bandjoin(0);
        ImageHashes decoded = Decoder.Hash(clear.PngsaveBuffer(), Hashing.Reference, Cancellation);
        Assert.Equal(Original, decoded.Renditions[0].AsStored[Orientation.Original]);
    }

    [Fact]
    public async Task Concurrent_decodes_do_not_mix()
    {
        string[] names = [.. Encodings.All.Keys];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 8 * names.Length),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            (i, cancellation) =>
            {
                EncodedPicture picture = Encodings.All[names[i % names.Length]];
                byte[] file = i % 3 == 0 ? picture.File[..(picture.File.Length / 2)] : picture.File;
                ImageHashes decoded = Decoder.Hash(file, Hashing.Fast, cancellation);
                if (i % 3 == 0 && !picture.Name.Contains("animated", StringComparison.Ordinal))
                {
                    Assert.Equal(DecodeStatus.Truncated, decoded.Status);
                }
                else if (i % 3 != 0)
                {
                    PdqHash hash = decoded.Renditions[0].AsStored[Orientation.Original];
                    Assert.InRange(hash.Distance(Original), 0, picture.MaxDistance);
                }

                return ValueTask.CompletedTask;
            });
    }

    [Fact]
    public void Nothing_but_the_six_formats_can_be_loaded()
    {
        Assert.Null(VipsLibrary.WhyNot);
        byte[] svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8.ToArray();
        Assert.Throws<VipsException>(() => Image.SvgloadBuffer(svg));
        Assert.Throws<VipsException>(() => Image.NewFromBuffer(svg));
    }

    private static PdqHash HashOf(byte[] rgb, int width, int height)
    {
        using var luma = Luma.Allocate(width, height);
        LumaConversion.FromRgb(rgb, luma.Pixels);
        return PdqHasher.Hash(luma, PdqFidelity.Reference).Hash;
    }
}
