using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>What a viewer shows is hashed, however the file hides it from a decoder that only looks at colours.
/// </summary>
public sealed class HiddenPictureTests
{
    private const int Width = 240;
    private const int Height = 180;

    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static readonly byte[] Grey = MakeGrey();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, PdqFidelity> Files
    {
        get
        {
            var data = new TheoryData<string, PdqFidelity>();
            foreach (string name in (string[])["png", "png 16 bits", "png palette", "webp", "tiff", "avif"])
            {
                data.Add(name, PdqFidelity.Fast);
                data.Add(name, PdqFidelity.Reference);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_drawing_in_the_alpha_over_one_colour_is_found_over_white(string name, PdqFidelity fidelity)
    {
        // Black ink, as thick as the picture is dark: over white a viewer shows the picture.
        using Image black = Encodings.FromRgb(SamplePictures.Flat(Width, Height, 0, 0, 0), Width, Height);
        using Image grey = Encodings.FromBytes(Grey, Width, Height, Enums.Interpretation.Bw);
        using Image image = black.Bandjoin(grey.Invert()).Copy(interpretation: Enums.Interpretation.Srgb);
        ImageHashes hashes = Hash(Encode(image, name), fidelity);
        Expect(hashes, RenditionKind.OverWhite, name == "png palette" ? 31 : 10);
        Rendition whole = hashes.Renditions[0];
        Assert.Equal((RenditionKind.Whole, 0), (whole.Kind, whole.AsStored.Quality));
    }

    [Theory]
    [InlineData(PdqFidelity.Fast)]
    [InlineData(PdqFidelity.Reference)]
    public void A_white_drawing_in_the_alpha_is_found_over_black(PdqFidelity fidelity)
    {
        using Image white = Encodings.FromBytes(
            [.. Enumerable.Repeat((byte)255, Width * Height)], Width, Height, Enums.Interpretation.Bw);
        using Image grey = Encodings.FromBytes(Grey, Width, Height, Enums.Interpretation.Bw);
        using Image image = white.Bandjoin(grey).Copy(interpretation: Enums.Interpretation.Bw);
        Assert.Equal(2, image.Bands);
        Expect(Hash(image.PngsaveBuffer(), fidelity), RenditionKind.OverBlack, 4);
    }

    [Fact]
    public void Opaque_alpha_of_a_file_adds_nothing()
    {
        using Image grey = Encodings.FromBytes(Grey, Width, Height, Enums.Interpretation.Bw);
        using Image image = grey.Bandjoin(255).Copy(interpretation: Enums.Interpretation.Bw);
        Assert.Single(Hash(image.PngsaveBuffer(), PdqFidelity.Fast).Renditions);
    }

    [Fact]
    public void A_border_that_exif_turns_is_cut_off_all_the_same()
    {
        using Image grey = Encodings.FromBytes(Grey, Width, Height, Enums.Interpretation.Bw);
        using Image bordered = Borders.Around(grey, 0.2, [0, 1, 0, 1], [255]);
        using Image sensor = bordered.Rot270();
        using Image tagged = sensor.Mutate(m => m.Set(GValue.GIntType, "orientation", 6));
        ImageHashes hashes = Hash(tagged.JpegsaveBuffer(q: 90), PdqFidelity.Fast);
        Assert.Equal(Orientation.Rotated270, hashes.Upright);
        Rendition trimmed = Assert.Single(hashes.Renditions, r => r.Kind == RenditionKind.Trimmed);
        Assert.InRange(trimmed.Upright[Orientation.Original].Distance(Expected()), 0, 10);
        Assert.True(trimmed.AsStored[Orientation.Original].Distance(Expected()) > 64);
    }

    [Fact]
    public void A_codec_of_our_own_is_run_with_the_limits_deadline_and_never_throws()
    {
        DrawnPicture picture = DrawnPicture.Scene(3, 200, 150);
        ImageHeader header = new() { Width = 200, Height = 150 };
        ImageHashes hashed = Run((sink, _) => picture.Decode(sink));
        Assert.Equal(
            (DecodeStatus.Ok, ImageFormat.Png, 200, 150, Orientation.Rotated90),
            (hashed.Status, hashed.Format, hashed.Width, hashed.Height, hashed.Upright));
        Assert.Equal(RenditionKind.Whole, Assert.Single(hashed.Renditions).Kind);
        Assert.Equal(DecodeStatus.DecoderFailed, Run((_, _) => throw new InvalidOperationException()).Status);
        ImageHashes late = Run((_, token) =>
        {
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
            return CodecResult.Ok;
        });
        Assert.Equal((DecodeStatus.TimedOut, 0), (late.Status, late.Renditions.Count));

        ImageHashes Run(Func<IPictureSink, CancellationToken, CodecResult> codec) =>
            Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMilliseconds(200) }).HashByCodec(
                codec,
                ImageFormat.Png,
                header with { Upright = Orientation.Rotated90 },
                Hashing.Reference,
                Cancellation);
    }

    private static byte[] Encode(Image image, string name) => name switch
    {
        "png 16 bits" => (image * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16)
            .PngsaveBuffer(bitdepth: 16),
        "png palette" => image.PngsaveBuffer(palette: true),
        "webp" => image.WebpsaveBuffer(lossless: true, exact: true),
        "tiff" => image.TiffsaveBuffer(),
        "avif" => image.HeifsaveBuffer(q: 90, compression: Enums.ForeignHeifCompression.Av1, effort: 1),
        _ => image.PngsaveBuffer(),
    };

    private static ImageHashes Hash(byte[] file, PdqFidelity fidelity)
    {
        ImageHashes hashes = Decoder.Hash(file, new HashOptions { Fidelity = fidelity }, Cancellation);
        Assert.True(hashes.Status == DecodeStatus.Ok, hashes.Detail);
        return hashes;
    }

    private static void Expect(ImageHashes hashes, RenditionKind kind, int bits)
    {
        Rendition found = Assert.Single(hashes.Renditions, r => r.Kind == kind);
        Assert.InRange(found.Upright[Orientation.Original].Distance(Expected()), 0, bits);
        Assert.True(found.Upright.Quality >= 50);
    }

    private static PdqHash Expected()
    {
        using var luma = Luma.Allocate(Width, Height);
        LumaConversion.FromGrey(Grey, luma.Pixels);
        return PdqHasher.Hash(luma, PdqFidelity.Reference).Hash;
    }

    private static byte[] MakeGrey()
    {
        float[] luma = new float[Width * Height];
        LumaConversion.FromRgb(SamplePictures.Scene(17, Width, Height), luma);
        return [.. luma.Select(level => (byte)Math.Round(level))];
    }
}
