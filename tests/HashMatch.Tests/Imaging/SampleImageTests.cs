using System.Security.Cryptography;
using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class SampleImageTests(ITestOutputHelper output)
{
    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_sample_decodes_to_the_listed_pixels()
    {
        Assert.Null(VipsLibrary.WhyNot);
        foreach (SampleImage sample in SampleImages.All())
        {
            byte[] file = Conformance.Image(sample.File);
            using var source = Source.NewFromMemory(file.AsSpan());
            using Image image = VipsLibrary.Open(FormatSniffer.Sniff(file), source, 1);
            using var rows = new VipsRows(image);
            Assert.True(Sha256OfRgb(rows) == sample.RgbSha256, sample.File);
            Assert.Equal((sample.Width, sample.Height), (rows.Width, rows.Height));
        }
    }

    [Fact]
    public void Reference_fidelity_gives_every_sample_its_listed_hashes_and_quality()
    {
        Dictionary<string, PdqHash[]> dihedral = SampleImages.Dihedral();
        foreach (SampleImage sample in SampleImages.All())
        {
            DihedralHashes hashes = Hash(Conformance.Image(sample.File), PdqFidelity.Reference, out _);
            Assert.True(hashes[Orientation.Original] == sample.Hash, sample.File);
            Assert.True(hashes.Quality == sample.Quality, sample.File);

            // The reference's dihedral entry point filters a 64 x 64 picture that its plain one takes as it is.
            foreach (Orientation orientation in Enum.GetValues<Orientation>())
            {
                Assert.True(
                    hashes[orientation] == dihedral[sample.File][(int)orientation], $"{sample.File} {orientation}");
            }
        }
    }

    [Fact]
    public void Fast_fidelity_stays_within_two_bits_on_average_and_ten_always()
    {
        int[] drift = [.. SampleImages.All().Where(s => s.Quality >= 50).Select(Drift)];
        output.WriteLine($"{drift.Length} images, mean {drift.Average():f2} bits, most {drift.Max()}.");
        Assert.True(drift.Average() <= 2);
        Assert.True(drift.Max() <= 10);
    }

    [Fact]
    public void Fast_fidelity_keeps_the_quality_near()
    {
        foreach (SampleImage sample in SampleImages.All())
        {
            DihedralHashes hashes = Hash(Conformance.Image(sample.File), PdqFidelity.Fast, out _);
            Assert.InRange(hashes.Quality, sample.Quality - 5, sample.Quality + 5);
        }
    }

    // They are four photographs, framed anew each time: their upright hashes are not near one another.
    [Theory]
    [InlineData(1, Orientation.Original)]
    [InlineData(3, Orientation.Rotated180)]
    [InlineData(6, Orientation.Rotated270)]
    [InlineData(8, Orientation.Rotated90)]
    public void Photographs_taken_with_a_turned_camera_say_how_to_turn_them(int tag, Orientation expected)
    {
        byte[] file = Conformance.Image($"reg-test-input/exif-rotn/exif-rotn-{tag}.jpg");
        _ = Hash(file, PdqFidelity.Fast, out Orientation upright);
        Assert.Equal(expected, upright);
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("jpeg progressive")]
    [InlineData("webp")]
    public void A_reduced_decode_of_a_photograph_stays_near_its_full_size(string kind)
    {
        var drift = new List<int>();
        foreach (int tag in (int[])[1, 6])
        {
            foreach (double scale in (double[])[0.35, 0.51])
            {
                byte[] file = Transcode($"reg-test-input/exif-rotn/exif-rotn-{tag}.jpg", scale, kind);
                PdqHash full = Hash(file, PdqFidelity.Reference, out _)[Orientation.Original];
                drift.Add(Hash(file, PdqFidelity.Fast, out _)[Orientation.Original].Distance(full));
            }
        }

        output.WriteLine($"{kind}: {string.Join(' ', drift)}, mean {drift.Average():f2} bits, most {drift.Max()}.");
        Assert.True(drift.Average() <= 2);
        Assert.True(drift.Max() <= 10);
    }

    private static byte[] Transcode(string name, double scale, string kind)
    {
        using var source = Source.NewFromMemory(Conformance.Image(name).AsSpan());
        using Image photograph = Image.JpegloadSource(source);
        using Image smaller = photograph.Resize(scale);
        return kind switch
        {
            "jpeg" => smaller.JpegsaveBuffer(q: 80),
            "jpeg progressive" => smaller.JpegsaveBuffer(q: 90, interlace: true),
            _ => smaller.WebpsaveBuffer(q: 80, effort: 0),
        };
    }

    private int Drift(SampleImage sample)
    {
        DihedralHashes hashes = Hash(Conformance.Image(sample.File), PdqFidelity.Fast, out _);
        int bits = hashes[Orientation.Original].Distance(sample.Hash);
        output.WriteLine($"{bits,3} {sample.File}");
        return bits;
    }

    private static DihedralHashes Hash(byte[] file, PdqFidelity fidelity, out Orientation upright)
    {
        ImageHashes decoded = Decoder.Hash(file, new HashOptions { Fidelity = fidelity }, Cancellation);
        Assert.True(decoded.Status == DecodeStatus.Ok, decoded.Detail);
        upright = decoded.Upright;
        return decoded.Renditions[0].AsStored;
    }

    private static string Sha256OfRgb(VipsRows rows)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] rgb = new byte[3 * rows.Width];
        for (int y = 0; y < rows.Height; y++)
        {
            ReadOnlySpan<byte> pixels = rows.Pixels(rows.Read(y, 1));
            for (int i = 0; i < rows.Width; i++)
            {
                for (int c = 0; c < 3; c++)
                {
                    rgb[(3 * i) + c] = pixels[(i * rows.Channels) + (rows.Channels == 1 ? 0 : c)];
                }
            }

            sha.AppendData(rgb);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
