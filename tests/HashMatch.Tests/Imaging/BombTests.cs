using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class BombTests
{
    private static readonly ImageLimits Limits = new() { Timeout = TimeSpan.FromMinutes(1) };
    private static readonly ImageDecoder Decoder = Decoders.Of(Limits);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, DecodeStatus> Claims => new()
    {
        { "png 30000 x 30000", DecodeStatus.TooManyPixels },
        { "png 30001 x 5", DecodeStatus.TooManyPixels },
        { "png 2147483647 x 2147483647", DecodeStatus.TooManyPixels },
        { "png 9000 x 9000", DecodeStatus.Truncated },
        { "jpeg 65500 x 65500", DecodeStatus.TooManyPixels },
        { "jpeg 9000 x 9000", DecodeStatus.Truncated },
        { "webp 16383 x 16383", DecodeStatus.TooManyPixels },
        { "webp lossless 16384 x 16384", DecodeStatus.TooManyPixels },
        { "webp canvas 16384 x 16384", DecodeStatus.TooManyPixels },
        { "avif 16384 x 16384", DecodeStatus.TooManyPixels },
        { "gif 65535 x 65535", DecodeStatus.TooManyPixels },
        { "tiff 65535 x 65535", DecodeStatus.TooManyPixels },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void A_claim_over_the_limits_is_answered_from_the_header(string name, DecodeStatus expected)
    {
        byte[] file = Claim(name);
        ImageHeader header = ImageHeader.Read(FormatSniffer.Sniff(file), file);
        Assert.Equal(DecodeStatus.Ok, header.Status);
        Assert.Equal(expected, HeaderLimits.Check(header, Limits).Status);
        ImageHashes decoded = Decoder.Hash(file, Hashing.Reference, Cancellation);
        Assert.Equal(expected, decoded.Status);
        Assert.Equal((header.Width, header.Height), (decoded.Width, decoded.Height));
        Assert.Empty(decoded.Renditions);
    }

    [Fact]
    public void A_scan_bomb_is_answered_from_the_header()
    {
        using Image image = Encodings.FromRgb(SamplePictures.Scene(3, 64, 64), 64, 64);
        byte[] jpeg = CraftedFiles.ResizedJpeg(image.JpegsaveBuffer(interlace: true), 7000, 7000);
        byte[] bomb = [.. CraftedFiles.ScanBomb(jpeg, 400), .. new byte[128 * 1024]];
        ImageHeader header = ImageHeader.Read(ImageFormat.Jpeg, bomb);
        Assert.True(header.Passes > 100);
        ImageHashes decoded = Decoder.Hash(bomb, Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.TooManyPixels, decoded.Status);
        Assert.Equal("The picture's scans ask for too much work.", decoded.Detail);
    }

    [Fact]
    public void Ordinary_progressive_scans_are_few_passes()
    {
        byte[] jpeg = Encodings.All["jpeg progressive"].File;
        ImageHeader header = ImageHeader.Read(ImageFormat.Jpeg, jpeg);
        Assert.InRange(header.Passes, 2, 8);
        Assert.False(header.EndsEarly);
        Assert.Equal(1, ImageHeader.Read(ImageFormat.Jpeg, Encodings.All["jpeg 4:2:0"].File).Passes);
    }

    [Theory]
    [InlineData("webp lossless", 9000)]
    [InlineData("avif", 9000)]
    public void A_size_that_no_photograph_of_so_few_bytes_has_is_answered_from_the_header(string name, int side)
    {
        byte[] file = name == "avif"
            ? CraftedFiles.ResizedAvif(Encodings.All[name].File, side, side)
            : CraftedFiles.ResizedWebP(Encodings.All[name].File, side, side);
        ImageHeader header = ImageHeader.Read(FormatSniffer.Sniff(file), file);
        Assert.Equal(ImageHeader.MostLikely(file.Length), header.LikelyPixels);
        Assert.Equal(
            (long)side * side > header.LikelyPixels ? DecodeStatus.TooManyPixels : DecodeStatus.Ok,
            HeaderLimits.Check(header, Limits).Status);
        Assert.Equal(DecodeStatus.TooManyPixels, HeaderLimits.Check(header with { LikelyPixels = 1 }, Limits).Status);
        Assert.Equal(4L * 1024 * 1024, ImageHeader.MostLikely(1));
        Assert.Equal(4096L * 10_240, ImageHeader.MostLikely(10_240));
    }

    [Fact]
    public void Text_and_profile_bombs_of_a_png_are_not_inflated()
    {
        byte[] png = Encodings.All["png"].File;
        byte[] zeros = CraftedFiles.DeflatedZeros(64 * 1024 * 1024);
        byte[] bomb = png;
        for (int i = 0; i < 16; i++)
        {
            bomb = CraftedFiles.WithChunk(bomb, "zTXt"u8, [.. "a\0\0"u8, .. zeros]);
        }

        bomb = CraftedFiles.WithChunk(bomb, "iCCP"u8, [.. "p\0\0"u8, .. zeros]);
        ImageHeader header = PngHeader.Read(bomb);
        Assert.True(header.HasBaggage);
        byte[] copy = new byte[bomb.Length];
        int length = PngHeader.CopyPicture(bomb, copy);
        Assert.InRange(length, 1, png.Length);
        Assert.False(PngHeader.Read(copy.AsSpan(0, length)).HasBaggage);
        ImageHashes decoded = Decoder.Hash(bomb, Hashing.Reference, Cancellation);
        Assert.Equal(DecodeStatus.Ok, decoded.Status);
    }

    [Fact]
    public void Allocation_does_not_grow_with_a_claim()
    {
        byte[] file = Claim("png 30000 x 30000");
        const int Most = 4096;
        Assert.InRange(Allocations.Least(() => _ = Decoder.Hash(file, Hashing.Fast, Cancellation), Most), 0, Most);
    }

    [Fact]
    public void Bytes_over_the_limit_are_not_looked_at()
    {
        var small = Decoders.Of(Limits with { MaxImageBytes = 1024 });
        ImageHashes decoded = small.Hash(new byte[1025], Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.TooManyBytes, decoded.Status);
        Assert.Equal(ImageFormat.Unknown, decoded.Format);
    }

    [Theory]
    [InlineData(4, 200)]
    [InlineData(200, 4)]
    [InlineData(1, 1)]
    public void A_picture_under_five_pixels_is_too_small(int width, int height)
    {
        using Image image = Encodings.FromRgb(SamplePictures.Scene(3, width, height), width, height);
        foreach (byte[] file in (byte[][])[image.PngsaveBuffer(), image.JpegsaveBuffer(), image.GifsaveBuffer()])
        {
            ImageHashes decoded = Decoder.Hash(file, Hashing.Fast, Cancellation);
            Assert.Equal(DecodeStatus.TooSmall, decoded.Status);
            Assert.Equal((width, height), (decoded.Width, decoded.Height));
        }
    }

    [Fact]
    public void The_limits_are_inclusive()
    {
        EncodedPicture picture = Encodings.All["png"];
        const int pixels = Encodings.Width * Encodings.Height;
        ImageHashes fits = Decoders.Of(Limits with
        {
            MaxPixels = pixels,
            MaxWidth = Encodings.Width,
            MaxHeight = Encodings.Height,
        }).Hash(picture.File, Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.Ok, fits.Status);
        foreach (ImageLimits limits in (ImageLimits[])
            [
                Limits with { MaxPixels = pixels - 1 },
                Limits with { MaxWidth = Encodings.Width - 1 },
                Limits with { MaxHeight = Encodings.Height - 1 },
            ])
        {
            ImageHashes decoded = Decoders.Of(limits).Hash(picture.File, Hashing.Fast, Cancellation);
            Assert.Equal(DecodeStatus.TooManyPixels, decoded.Status);
        }
    }

    private static byte[] Claim(string name)
    {
        string[] words = name.Split(' ');
        int width = int.Parse(words[^3], null);
        int height = int.Parse(words[^1], null);
        return words[0] switch
        {
            "png" => CraftedFiles.Png(width, height, 1, 0, 1024),
            "jpeg" => CraftedFiles.ResizedJpeg(Encodings.All["jpeg 95"].File, (ushort)width, (ushort)height),
            "avif" => CraftedFiles.ResizedAvif(Encodings.All["avif"].File, width, height),
            "gif" => [.. "GIF89a"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. Encodings.All["gif"].File.AsSpan(10)],
            "tiff" => CraftedFiles.BigEndianTiff(new byte[100], width, height),
            _ => CraftedFiles.ResizedWebP(
                Encodings.All[words[1] switch { "lossless" => "webp lossless", "canvas" => "webp alpha", _ => "webp" }]
                    .File,
                width,
                height),
        };
    }
}
