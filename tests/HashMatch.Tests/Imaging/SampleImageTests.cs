using System.Security.Cryptography;
using HashMatch.Imaging.Vips;
using HashMatch.Imaging;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class SampleImageTests(ITestOutputHelper output)
{
    private static readonly ImageDecoder Decoder = new(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_sample_decodes_to_the_listed_pixels()
    {
        SampleImages.Require();
        Assert.Null(VipsLibrary.WhyNot);
        foreach (SampleImage sample in SampleImages.All)
        {
            byte[] file = SampleImages.Read(sample.File);
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
        SampleImages.Require();
        Dictionary<string, PdqHash[]> dihedral = SampleImages.Dihedral();
        foreach (SampleImage sample in SampleImages.All)
        {
            DihedralHashes hashes = Hash(SampleImages.Read(sample.File), PdqFidelity.Reference, out _);
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
        SampleImages.Require();
        int[] drift = [.. SampleImages.All.Where(s => s.Quality >= 50).Select(Drift)];
        output.WriteLine($"{drift.Length} images, mean {drift.Average():f2} bits, most {drift.Max()}.");
        Assert.True(drift.Average() <= 2);
        Assert.True(drift.Max() <= 10);
    }

    [Fact]
    public void Fast_fidelity_keeps_the_quality_near()
    {
        SampleImages.Require();
        foreach (SampleImage sample in SampleImages.All)
        {
            DihedralHashes hashes = Hash(SampleImages.Read(sample.File), PdqFidelity.Fast, out _);
            Assert.InRange(hashes.Quality, sample.Quality - 5, sample.Quality + 5);
        }
    }

    [Fact]
    public void Photographs_taken_with_a_turned_camera_come_out_upright()
    {
        SampleImages.Require();
        string[] files = [.. ((int[])[1, 3, 6, 8]).Select(i => $"reg-test-input/exif-rotn/exif-rotn-{i}.jpg")];
        var all = files.Select(f =>
        {
            DihedralHashes stored = Hash(SampleImages.Read(f), PdqFidelity.Fast, out Orientation upright);
            return (Upright: upright, Hashes: stored.Reoriented(upright));
        }).ToArray();
        Assert.Equal(
            [Orientation.Original, Orientation.Rotated180, Orientation.Rotated270, Orientation.Rotated90],
            all.Select(a => a.Upright));

        // Four photographs of one thing: of the eight ways to turn the other three, upright is the nearest.
        PdqHash first = all[0].Hashes[Orientation.Original];
        foreach ((_, DihedralHashes hashes) in all[1..])
        {
            int[] distances = [.. Enum.GetValues<Orientation>().Select(o => hashes[o].Distance(first))];
            output.WriteLine(string.Join(' ', distances));
            Assert.Equal(distances.Min(), distances[(int)Orientation.Original]);
        }
    }

    private int Drift(SampleImage sample)
    {
        DihedralHashes hashes = Hash(SampleImages.Read(sample.File), PdqFidelity.Fast, out _);
        int bits = hashes[Orientation.Original].Distance(sample.Hash);
        output.WriteLine($"{bits,3} {sample.File}");
        return bits;
    }

    private static DihedralHashes Hash(byte[] file, PdqFidelity fidelity, out Orientation upright)
    {
        using DecodeResult decoded = Decoder.Decode(file, fidelity, Cancellation);
        Assert.True(decoded.Status == DecodeStatus.Ok, decoded.Detail);
        upright = decoded.Upright;
        return PdqHasher.HashDihedral(decoded.Luma!, fidelity);
    }

    private static string Sha256OfRgb(VipsRows rows)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] rgb = new byte[3 * rows.Width * rows.RowsAtOnce];
        for (int y = 0; y < rows.Height; y += rows.RowsAtOnce)
        {
            int count = Math.Min(rows.RowsAtOnce, rows.Height - y);
            ReadOnlySpan<byte> strip = rows.Read(y, count);
            int pixels = count * rows.Width;
            for (int i = 0; i < pixels; i++)
            {
                for (int c = 0; c < 3; c++)
                {
                    rgb[(3 * i) + c] = strip[(i * rows.Channels) + (rows.Channels == 1 ? 0 : c)];
                }
            }

            sha.AppendData(rgb, 0, 3 * pixels);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
