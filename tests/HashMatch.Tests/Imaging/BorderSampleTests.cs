using System.Globalization;
using HashMatch.Imaging;
using HashMatch.Imaging.Hashing;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Borders round the sample images: what is found, and how near the trimmed picture is.</summary>
public sealed class BorderSampleTests(ITestOutputHelper output)
{
    private static readonly double[] Shares = [0.02, 0.05, 0.1, 0.17, 0.25, 0.33];

    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg 75")]
    [InlineData("jpeg 40")]
    public void A_trimmed_sample_hashes_as_it_did_without_its_border(string kind)
    {
        var distances = new List<int>();
        var report = new List<string>();
        int place = 0;
        foreach (SampleImage sample in SampleImages.All().Where(s => s.Quality >= 50))
        {
            byte[] file = Conformance.Image(sample.File);
            if (FormatSniffer.Sniff(file) != ImageFormat.Jpeg
                || !Borders.Find(Decoder, file, PdqFidelity.Fast).IsEmpty)
            {
                continue;
            }

            using var source = Source.NewFromMemory(file.AsSpan());
            using Image picture = Image.JpegloadSource(source).CopyMemory();
            if (picture.Bands != 3)
            {
                continue;
            }

            foreach (double share in Shares)
            {
                (string colourName, double[] colour) = Borders.Colours[place % Borders.Colours.Length];
                (string shapeName, double[] sides) = Borders.Shapes[place++ % Borders.Shapes.Length];
                using Image bordered = Borders.Around(picture, share, sides, colour);
                int distance = Distance(Encode(bordered, kind), sample.Hash);
                distances.Add(distance);
                if (distance > 14)
                {
                    report.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{distance,4} {share:p0} {colourName} {shapeName} {sample.Width}x{sample.Height} {sample.File} {bordered.Width}x{bordered.Height} {Borders.Find(Decoder, Encode(bordered, kind), PdqFidelity.Fast)}"));
                }
            }
        }

        int[] sorted = [.. distances.Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {sorted.Length} pictures, mean {sorted.Average():f2}, p90 {sorted[sorted.Length * 9 / 10]}, "
            + $"p99 {sorted[sorted.Length * 99 / 100]}, most {sorted[^1]}"));
        report.ForEach(output.WriteLine);
    }

    [Fact]
    public void Few_samples_have_a_border()
    {
        int count = 0;
        foreach (SampleImage sample in SampleImages.All())
        {
            Border border = Borders.Find(Decoder, Conformance.Image(sample.File), PdqFidelity.Fast);
            if (!border.IsEmpty)
            {
                count++;
                output.WriteLine($"{border} of {sample.Width}x{sample.Height} {sample.File}");
            }
        }

        output.WriteLine($"{count}");
    }

    private static byte[] Encode(Image image, string kind) => kind.Split(' ') switch
    {
        ["jpeg", string quality] => image.JpegsaveBuffer(q: int.Parse(quality, CultureInfo.InvariantCulture)),
        _ => image.PngsaveBuffer(compression: 1),
    };

    private static int Distance(byte[] file, PdqHash original)
    {
        ImageHashes hashes = Decoder.Hash(file, Hashing.Fast, Cancellation);
        Assert.True(hashes.Status == DecodeStatus.Ok, hashes.Detail);
        Rendition? trimmed = hashes.Renditions.Where(r => r.Kind == RenditionKind.Trimmed).Cast<Rendition?>()
            .FirstOrDefault();
        return trimmed?.AsStored[Orientation.Original].Distance(original) ?? 999;
    }
}
