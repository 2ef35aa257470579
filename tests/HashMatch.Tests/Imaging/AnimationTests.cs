using System.Buffers.Binary;
using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class AnimationTests(WorkersFixture fixture) : IClassFixture<WorkersFixture>
{
    private const int Width = 96;
    private const int Height = 80;

    public static TheoryData<string> Kinds => ["gif", "webp"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_frame_is_hashed_and_named_by_its_number(string kind)
    {
        byte[] file = Animation(kind, [0, 1, 2, 3, 4]);
        ImageHashes hashes = Whole(file);
        Assert.Equal(5, hashes.FrameCount);
        Assert.Equal((Width, Height), (hashes.Width, hashes.Height));
        Assert.Equal([0, 1, 2, 3, 4], hashes.Renditions.Select(r => r.Frame));
        foreach (Rendition rendition in hashes.Renditions)
        {
            PdqHash still = Whole(Animation(kind, [rendition.Frame])).Renditions[0].Upright[Orientation.Original];
            Assert.InRange(rendition.Upright[Orientation.Original].Distance(still), 0, 12);
        }

        PdqHash[] distinct = [.. hashes.Renditions.Select(r => r.Upright[Orientation.Original])];
        Assert.True(distinct[0].Distance(distinct[4]) > 31);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equal_frames_behind_one_another_are_hashed_once(string kind)
    {
        ImageHashes hashes = Whole(Animation(kind, [0, 0, 0, 5, 5, 0]));
        int[] frames = [.. hashes.Renditions.Select(r => r.Frame)];

        // Encoders join equal frames themselves, or write them as empty ones.
        Assert.Equal(3, frames.Length);
        Assert.Equal(0, frames[0]);
        Assert.Equal(hashes.FrameCount - 1, frames[^1]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void More_frames_than_are_wanted_are_evenly_spaced(string kind)
    {
        byte[] file = Animation(kind, [.. Enumerable.Range(0, 21)]);
        ImageHashes hashes = Whole(file, new HashOptions { MaxFrames = 5, Trim = false });
        Assert.Equal(21, hashes.FrameCount);
        Assert.Equal([0, 5, 10, 15, 20], hashes.Renditions.Select(r => r.Frame));
        Assert.Equal([0], Whole(file, new HashOptions { MaxFrames = 1 }).Renditions.Select(r => r.Frame));
    }

    [Theory]
    [InlineData(1, 64, new[] { 0 })]
    [InlineData(3, 64, new[] { 0, 1, 2 })]
    [InlineData(64, 1, new[] { 0 })]
    [InlineData(10_000, 2, new[] { 0, 9_999 })]
    public void Frames_are_spread_from_the_first_to_the_last(int count, int most, int[] expected) =>
        Assert.Equal(expected, Frames.Spread(count, most));

    [Fact]
    public void A_gif_that_lost_its_later_frames_is_hashed_by_those_it_has()
    {
        byte[] gif = Animation("gif", [0, 1, 2, 3]);
        byte[] cut = gif[..(gif.Length - 200)];
        Assert.Equal(3, GifHeader.Read(cut).Frames);
        ImageHashes hashes = Whole(cut);
        Assert.Equal([0, 1, 2], hashes.Renditions.Select(r => r.Frame));
    }

    [Fact]
    public void A_gif_whose_later_frame_is_broken_is_not_half_hashed()
    {
        byte[] gif = Animation("gif", [0, 1, 2, 3]);
        int last = GifHeader.Read(gif.AsSpan(0, gif.Length - 200)).Length;

        // The code size of the last frame's data, behind its blocks' headers.
        int at = gif.AsSpan(last).IndexOf((byte)0x2C) + last;
        int table = (gif[at + 9] & 0x80) == 0 ? 0 : 3 << ((gif[at + 9] & 7) + 1);
        gif[at + 10 + table] = 13;
        Assert.NotEqual(DecodeStatus.Ok, fixture.Hash(gif).Status);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Frames_times_pixels_over_the_limit_are_too_many_pixels(string kind)
    {
        byte[] file = Animation(kind, [.. Enumerable.Range(0, 20)]);
        ImageHeader header = ImageHeader.Read(FormatSniffer.Sniff(file), file);
        Assert.Equal(20, header.Frames);
        var limits = new ImageLimits { MaxPixels = Width * Height * 2 };
        Assert.Equal(DecodeStatus.TooManyPixels, HeaderLimits.Check(header, limits).Status);
        Assert.Equal(
            DecodeStatus.Ok, HeaderLimits.Check(header, limits with { MaxPixels = Width * Height * 3 }).Status);
    }

    [Fact]
    public void A_gif_of_65000_frames_is_answered_from_the_header()
    {
        byte[] gif = Animation("gif", [0, 1]);
        int first = GifHeader.Read(gif.AsSpan(0, gif.Length - 200)).Length;
        byte[] frame = new byte[20];
        frame[0] = 0x2C;
        BinaryPrimitives.WriteInt16LittleEndian(frame.AsSpan(5), 1);
        BinaryPrimitives.WriteInt16LittleEndian(frame.AsSpan(7), 1);
        (frame[10], frame[11], frame[12], frame[13]) = (2, 2, 0x44, 0x01);
        byte[] bomb = [.. gif[..first], .. Enumerable.Repeat(frame[..15], 65_000).SelectMany(f => f), 0x3B];
        ImageHeader header = GifHeader.Read(bomb);
        Assert.Equal(65_001, header.Frames);
        Assert.Equal(DecodeStatus.TooManyPixels, fixture.Hash(bomb).Status);
    }

    private ImageHashes Whole(byte[] file, HashOptions? options = null)
    {
        ImageHashes hashes = fixture.Hash(file, options ?? new HashOptions { Trim = false });
        Assert.True(hashes.Status == DecodeStatus.Ok, hashes.Detail);
        return hashes with { Renditions = [.. hashes.Renditions.Where(r => r.Kind == RenditionKind.Whole)] };
    }

    private static byte[] Animation(string kind, int[] scenes)
    {
        Image[] pictures = [.. scenes.Select(scene => Encodings.FromRgb(
            SamplePictures.Scene(40 + (uint)scene, Width, Height), Width, Height))];
        using Image joined = Image.Arrayjoin(pictures, across: 1);
        using Image paged = joined.Mutate(m => m.Set(GValue.GIntType, "page-height", Height));
        return kind == "gif" ? paged.GifsaveBuffer() : paged.WebpsaveBuffer(q: 90);
    }
}
