using System.Security.Cryptography;
using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Pdq;
using HashMatch.Tests.Imaging;
using HashMatch.Uploads;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Uploads;

public sealed class UploadHasherTests
{
    private const int Width = 320;
    private const int Height = 240;

    private static readonly ImageLimits Limits = new() { Timeout = TimeSpan.FromMinutes(1) };
    private static readonly UploadHasher Hasher = new(Decoders.Of(Limits));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void An_upload_is_looked_up_by_its_hash_and_its_digests()
    {
        byte[] file = Encodings.All["png"].File;
        HashedUpload hashed = Hasher.Hash(file, new UploadOptions { Fidelity = PdqFidelity.Reference }, Cancellation);
        using var luma = Luma.Allocate(Encodings.Width, Encodings.Height);
        LumaConversion.FromRgb(Encodings.Rgb, luma.Pixels);
        PdqResult expected = PdqHasher.Hash(luma, PdqFidelity.Reference);
        Assert.Equal([new QueryHash(expected.Hash, Orientation.Original, expected.Quality)], hashed.Query.Hashes);
        Assert.Equal(expected.Quality, hashed.Query.Quality);
        Assert.Equal(UnhashableReason.None, hashed.Query.Reason);
        Assert.Equal(
            (ImageFormat.Png, Encodings.Width, Encodings.Height), (hashed.Format, hashed.Width, hashed.Height));
        Assert.Equal(expected.Hash, hashed.AsStored!.Value[Orientation.Original]);
        Assert.Empty(hashed.Detail);
#pragma warning disable CA5350, CA5351
        Assert.Equal(MD5.HashData(file), hashed.Query.Digests.Md5.ToArray());
        Assert.Equal(SHA1.HashData(file), hashed.Query.Digests.Sha1.ToArray());
#pragma warning restore CA5350, CA5351
        Assert.Equal(SHA256.HashData(file), hashed.Query.Digests.Sha256.ToArray());
    }

    [Fact]
    public void Digests_that_nobody_lists_are_not_computed()
    {
        var options = new UploadOptions { Md5 = false, Sha1 = false, Sha256 = false };
        Digests digests = Hasher.Hash(Encodings.All["gif"].File, options, Cancellation).Query.Digests;
        Assert.True(digests.Md5.IsEmpty && digests.Sha1.IsEmpty && digests.Sha256.IsEmpty);
        digests = Hasher.Hash("no image"u8.ToArray(), options with { Sha1 = true }, Cancellation).Query.Digests;
        Assert.True(digests.Md5.IsEmpty && digests.Sha256.IsEmpty);
        Assert.Equal(20, digests.Sha1.Length);
    }

    [Fact]
    public void A_picture_that_exif_turns_is_looked_up_upright_and_as_it_is_stored()
    {
        byte[] file = Turned(out PdqHash upright, out PdqHash stored);
        var options = new UploadOptions { Fidelity = PdqFidelity.Reference };
        IReadOnlyList<QueryHash> hashes = Hasher.Hash(file, options, Cancellation).Query.Hashes;
        Assert.Equal([Orientation.Original, Orientation.Rotated90], hashes.Select(h => h.Orientation));
        Assert.Equal(upright, hashes[0].Hash);
        Assert.Equal(stored, hashes[1].Hash);
        Assert.True(upright.Distance(stored) > 64);
    }

    [Fact]
    public void All_eight_orientations_are_looked_up_when_asked_for()
    {
        byte[] file = Turned(out _, out _);
        var options = new UploadOptions { Dihedral = true };
        HashedUpload hashed = Hasher.Hash(file, options, Cancellation);
        Assert.Equal(Enum.GetValues<Orientation>(), hashed.Query.Hashes.Select(h => h.Orientation));
        Assert.All(hashed.Query.Hashes, h => Assert.Equal(
            h.Orientation == Orientation.Rotated90
                ? hashed.AsStored!.Value[Orientation.Original]
                : hashed.Upright!.Value[h.Orientation],
            h.Hash));
    }

    [Fact]
    public void Every_rendition_is_looked_up_and_says_what_it_is()
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(31, Width, Height, grain: 9), Width, Height);
        using Image bordered = Borders.Around(picture, 0.2, [1, 1, 1, 1], [255, 255, 255]);
        using Image ramp = Image.Xyz(bordered.Width, bordered.Height)[0].Cast(Enums.BandFormat.Uchar);
        byte[] file = bordered.Bandjoin(ramp).PngsaveBuffer();
        HashedUpload hashed = Hasher.Hash(file, new UploadOptions { Dihedral = true }, Cancellation);
        QueryRendition[] kinds =
            [QueryRendition.Whole, QueryRendition.OverWhite, QueryRendition.OverBlack, QueryRendition.Trimmed];
        Assert.Equal(
            kinds.SelectMany(kind => Enum.GetValues<Orientation>().Select(o => (kind, o))),
            hashed.Query.Hashes.Select(h => (h.Rendition, h.Orientation)));
        Assert.Equal(4, hashed.Renditions.Count);
        Assert.All(hashed.Query.Hashes, h => Assert.Equal(0, h.Frame));
        Assert.Equal(
            Enum.GetValues<Orientation>().Select(o => hashed.Renditions[3].Upright[o]),
            hashed.Query.Hashes.Where(h => h.Rendition == QueryRendition.Trimmed).Select(h => h.Hash));
        hashed = Hasher.Hash(file, new UploadOptions { Trim = false }, Cancellation);
        Assert.Equal(kinds[..3], hashed.Query.Hashes.Select(h => h.Rendition));
    }

    [Fact]
    public void Every_reason_comes_from_the_bytes_and_leaves_the_digests()
    {
        byte[] png = Encodings.All["png"].File;
        byte[] corrupt = [.. png];
        corrupt.AsSpan(png.Length / 2, 100).Fill(0xAA);
        var narrow = new UploadHasher(Decoders.Of(Limits with { MaxWidth = 100 }));
        var few = new UploadHasher(Decoders.Of(Limits with { MaxImageBytes = 1024 }));
        using Image dot = Encodings.FromRgb(SamplePictures.Flat(4, 4, 1, 2, 3), 4, 4);
        Expect(UnhashableReason.UnsupportedFormat, Hasher, "GIF88a"u8.ToArray());
        Expect(UnhashableReason.UnsupportedFormat, Hasher, []);
        Expect(UnhashableReason.Truncated, Hasher, png[..(png.Length / 2)]);
        Expect(UnhashableReason.Corrupt, Hasher, corrupt);
        Expect(UnhashableReason.TooManyPixels, narrow, png);
        Expect(UnhashableReason.TooManyBytes, few, png);
        Expect(UnhashableReason.TooSmall, Hasher, dot.PngsaveBuffer());
    }

    [Fact]
    public void A_cancelled_upload_is_timed_out()
    {
        HashedUpload hashed = Hasher.Hash(
            Encodings.All["png"].File, new UploadOptions(), new CancellationToken(canceled: true));
        Assert.Equal(UnhashableReason.TimedOut, hashed.Query.Reason);
    }

    [Fact]
    public void A_decoder_that_cannot_begin_is_a_failed_one()
    {
        using var workers = new DecodeWorkers(Limits);
        var hasher = new UploadHasher(new ImageDecoder(Limits, workers));
        workers.Dispose();
        Expect(UnhashableReason.DecoderFailed, hasher, Encodings.All["gif"].File);
    }

    private static void Expect(UnhashableReason reason, UploadHasher hasher, byte[] file)
    {
        HashedUpload hashed = hasher.Hash(file, new UploadOptions(), Cancellation);
        Assert.Equal(reason, hashed.Query.Reason);
        Assert.Empty(hashed.Query.Hashes);
        Assert.Null(hashed.AsStored);
        Assert.Null(hashed.Upright);
        Assert.NotEmpty(hashed.Detail);
        Assert.Equal(SHA256.HashData(file), hashed.Query.Digests.Sha256.ToArray());
    }

    // A camera held upright: its sensor's row 0 is the picture's right side (tag 6).
    private static byte[] Turned(out PdqHash upright, out PdqHash stored)
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(31, Width, Height), Width, Height);
        using Image sensor = picture.Rot270();
        var options = new UploadOptions { Fidelity = PdqFidelity.Reference };
        upright = Hasher.Hash(picture.PngsaveBuffer(), options, Cancellation).Query.Hashes[0].Hash;
        stored = Hasher.Hash(sensor.PngsaveBuffer(), options, Cancellation).Query.Hashes[0].Hash;
        using Image tagged = sensor.Mutate(m => m.Set(GValue.GIntType, "orientation", 6));
        return tagged.PngsaveBuffer();
    }
}
