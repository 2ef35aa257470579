using HashMatch.Imaging;
using HashMatch.Imaging.Jpeg;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>JPEGs with a few broken bytes, of which libjpeg still makes a picture.</summary>
public sealed class SecondOpinionTests
{
    private const int Seed = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_libjpeg_makes_a_picture_of_is_hashed()
    {
        var limits = new ImageLimits { Timeout = TimeSpan.FromMinutes(1) };
        byte[] whole = Encodings.All["jpeg grey"].File;
        int asked = 0;
        for (int i = 0; i < 400; i++)
        {
            var random = new Random(Seed + i);
            byte[] broken = [.. whole];
            broken[random.Next(whole.Length / 2, whole.Length - 2)] ^= (byte)(1 << random.Next(8));
            using var sink = new LumaSink();
            CodecResult own = JpegDecoder.Decode(broken, 1, limits, sink, Cancellation);
            ImageHashes seen = VipsHashes.Hash(broken, ImageFormat.Jpeg, limits, Hashing.Fast, Cancellation);
            if (own.Status == DecodeStatus.Ok || seen.Status != DecodeStatus.Ok)
            {
                continue;
            }

            asked++;
            ImageHashes hashes = Decoders.Of(limits).Hash(broken, Hashing.Fast, Cancellation);
            Assert.True(hashes.Status == DecodeStatus.Ok, $"seed {Seed + i}: {hashes.Detail}");
            Assert.Equal(
                seen.Renditions[0].Upright[Orientation.Original], hashes.Renditions[0].Upright[Orientation.Original]);
        }

        Assert.True(asked > 0, "No broken file was one that only libjpeg takes.");
    }

    [Fact]
    public void What_nobody_makes_a_picture_of_keeps_its_reason()
    {
        byte[] whole = Encodings.All["jpeg grey"].File;
        ImageHashes hashes = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) })
            .Hash(whole.AsMemory(0, whole.Length / 2), Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.Truncated, hashes.Status);
    }
}
