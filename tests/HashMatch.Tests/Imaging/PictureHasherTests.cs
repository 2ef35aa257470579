using HashMatch.Imaging;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Rows to renditions, without a codec.</summary>
public sealed class PictureHasherTests
{
    // The folded filter turned adds up in another order than a turned picture.
    private const int FoldNoise = 2;

    public static TheoryData<PdqFidelity, Orientation> Turns
    {
        get
        {
            var data = new TheoryData<PdqFidelity, Orientation>();
            foreach (PdqFidelity fidelity in Enum.GetValues<PdqFidelity>())
            {
                foreach (Orientation turn in Enum.GetValues<Orientation>())
                {
                    data.Add(fidelity, turn);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Turns))]
    public void The_upright_picture_is_hashed_beside_the_stored_one(PdqFidelity fidelity, Orientation upright)
    {
        DrawnPicture picture = DrawnPicture.Scene(3, 301, 202);
        Rendition rendition = Assert.Single(Hash(picture, fidelity, upright));
        Assert.Equal((7, RenditionKind.Whole), (rendition.Frame, rendition.Kind));
        Assert.Equal(1, picture.Passes);
        using Luma stored = picture.ToLuma();
        using Luma turned = stored.Turned(upright);
        ExpectSame(PdqHasher.HashDihedral(stored, fidelity), rendition.AsStored, 0);
        ExpectSame(
            PdqHasher.HashDihedral(turned, fidelity),
            rendition.Upright,
            fidelity == PdqFidelity.Fast ? FoldNoise : 0);
    }

    [Theory]
    [InlineData(PdqFidelity.Fast)]
    [InlineData(PdqFidelity.Reference)]
    public void Opaque_alpha_adds_nothing(PdqFidelity fidelity)
    {
        DrawnPicture picture = DrawnPicture.Scene(4, 120, 90, hasAlpha: true);
        Assert.Equal(RenditionKind.Whole, Assert.Single(Hash(picture, fidelity)).Kind);
    }

    [Theory]
    [InlineData(PdqFidelity.Fast, Orientation.Original, 0)]
    [InlineData(PdqFidelity.Fast, Orientation.Rotated270, 0)]
    [InlineData(PdqFidelity.Fast, Orientation.FlippedY, 57)]
    [InlineData(PdqFidelity.Reference, Orientation.Original, 57)]
    [InlineData(PdqFidelity.Reference, Orientation.Rotated90, 0)]
    public void Alpha_is_blended_over_white_and_over_black(PdqFidelity fidelity, Orientation upright, int firstRow)
    {
        DrawnPicture picture = DrawnPicture.Scene(5, 160, 110, hasAlpha: true);
        new Random(5).NextBytes(picture.Alpha.AsSpan(firstRow * picture.Width));
        List<Rendition> renditions = Hash(picture, fidelity, upright);
        Assert.Equal(
            [RenditionKind.Whole, RenditionKind.OverWhite, RenditionKind.OverBlack], renditions.Select(r => r.Kind));
        foreach (Rendition rendition in renditions)
        {
            using Luma blended = picture.ToLuma();
            for (int i = 0; i < picture.Luma.Length && rendition.Kind != RenditionKind.Whole; i++)
            {
                float part = picture.Luma[i] * (picture.Alpha![i] / 255f);
                blended.Pixels[i] =
                    rendition.Kind == RenditionKind.OverBlack ? part : part + (255 - picture.Alpha[i]);
            }

            using Luma turned = blended.Turned(upright);
            ExpectSame(PdqHasher.HashDihedral(blended, fidelity), rendition.AsStored, 0);
            ExpectSame(
                PdqHasher.HashDihedral(turned, fidelity),
                rendition.Upright,
                fidelity == PdqFidelity.Fast ? FoldNoise : 0);
        }
    }

    [Theory]
    [InlineData(PdqFidelity.Fast, Orientation.Original)]
    [InlineData(PdqFidelity.Fast, Orientation.Rotated90)]
    [InlineData(PdqFidelity.Reference, Orientation.FlippedMinus1)]
    public void A_picture_with_a_border_is_hashed_without_it_too(PdqFidelity fidelity, Orientation upright)
    {
        DrawnPicture inner = DrawnPicture.Scene(6, 240, 180);
        DrawnPicture bordered = inner.Bordered((30, 10), (20, 10), (5, 10), (60, 10));
        List<Rendition> renditions = Hash(bordered, fidelity, upright);
        Assert.Equal([RenditionKind.Whole, RenditionKind.Trimmed], renditions.Select(r => r.Kind));
        Assert.Equal(2, bordered.Passes);
        Rendition expected = Hash(inner, fidelity, upright)[0];
        ExpectSame(expected.AsStored, renditions[1].AsStored, 0);
        ExpectSame(expected.Upright, renditions[1].Upright, 0);
        Assert.True(Distance(renditions[0], expected) > 31);
        Assert.Equal(RenditionKind.Whole, Assert.Single(Hash(bordered, fidelity, upright, trim: false)).Kind);
    }

    [Fact]
    public void A_picture_without_a_border_is_decoded_once()
    {
        for (uint seed = 1; seed < 60; seed++)
        {
            // Scenes are flatter than photographs; some have a box along a whole side.
            DrawnPicture picture = DrawnPicture.Scene(seed, 200, 150, grain: 12);
            List<Rendition> renditions = Hash(picture, PdqFidelity.Fast);
            Assert.True(renditions.Count == 1 && picture.Passes == 1, $"seed {seed}");
        }
    }

    [Fact]
    public void Nothing_is_handed_over_when_a_pass_fails()
    {
        DrawnPicture bordered = DrawnPicture.Scene(6, 240, 180).Bordered((30, 0), (30, 0), (30, 0), (30, 0));
        for (int failing = 1; failing <= 2; failing++)
        {
            int pass = 0;
            List<Rendition> renditions = [];
            CodecResult result = PictureHasher.Hash(
                sink =>
                {
                    CodecResult decoded = bordered.Decode(sink);
                    return ++pass == failing ? new CodecResult(DecodeStatus.Corrupt, "It is bad.") : decoded;
                },
                new HashOptions(),
                Orientation.Original,
                0,
                renditions);
            Assert.Equal(new CodecResult(DecodeStatus.Corrupt, "It is bad."), result);
            Assert.Empty(renditions);
        }
    }

    [Fact]
    public void A_codec_may_give_up_in_the_middle_of_a_picture()
    {
        DrawnPicture picture = DrawnPicture.Scene(6, 64, 48);
        List<Rendition> renditions = [];
        CodecResult result = PictureHasher.Hash(
            sink =>
            {
                sink.Start(new PictureShape { Width = 64, Height = 48, SourceWidth = 64, SourceHeight = 48 });
                sink.Add(picture.Row(0), []);
                return new CodecResult(DecodeStatus.Truncated, "It ends.");
            },
            new HashOptions(),
            Orientation.Rotated90,
            0,
            renditions);
        Assert.Equal(DecodeStatus.Truncated, result.Status);
        Assert.Empty(renditions);
    }

    private static List<Rendition> Hash(
        DrawnPicture picture, PdqFidelity fidelity, Orientation upright = Orientation.Original, bool trim = true)
    {
        List<Rendition> renditions = [];
        CodecResult result = PictureHasher.Hash(
            picture.Decode, new HashOptions { Fidelity = fidelity, Trim = trim }, upright, 7, renditions);
        Assert.Equal(CodecResult.Ok, result);
        return renditions;
    }

    private static int Distance(Rendition one, Rendition other) =>
        one.AsStored[Orientation.Original].Distance(other.AsStored[Orientation.Original]);

    private static void ExpectSame(DihedralHashes expected, DihedralHashes actual, int bits)
    {
        Assert.InRange(actual.Quality - expected.Quality, -1, 1);
        foreach (Orientation orientation in Enum.GetValues<Orientation>())
        {
            Assert.InRange(actual[orientation].Distance(expected[orientation]), 0, bits);
        }
    }
}
