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
    private static readonly double[] Shares = [0.02, 0.05, 0.1, 0.25, 0.33];

    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A border in a colour that the picture's own edge has is cut too far, and a small picture's thin border that a
    // JPEG's blocks share with it not exactly: both move a hash.
    [Theory]
    [InlineData("png", 1, 4)]
    [InlineData("jpeg 75", 4, 14)]
    public void A_trimmed_sample_hashes_as_it_did_without_its_border(string kind, double mean, int ofNineteenIn20)
    {
        var distances = new List<int>();
        var byShare = new SortedDictionary<double, List<int>>();
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
            using Image loaded = Image.JpegloadSource(source);
            using Image picture = loaded.CopyMemory();
            foreach (double share in Shares.Where(_ => picture.Bands == 3))
            {
                (string colourName, double[] colour) = Borders.Colours[place % Borders.Colours.Length];
                (string shapeName, double[] sides) = Borders.Shapes[place++ % Borders.Shapes.Length];
                using Image bordered = Borders.Around(picture, share, sides, colour);
                int distance = Distance(Encode(bordered, kind), sample.Hash);
                distances.Add(distance);
                (byShare.TryGetValue(share, out List<int>? same) ? same : byShare[share] = []).Add(distance);
                if (distance > 14)
                {
                    output.WriteLine($"{distance,4} {share:p0} {colourName} {shapeName} {sample.File}");
                }
            }
        }

        int[] sorted = [.. distances.Order()];
        int high = sorted[sorted.Length * 19 / 20];
        output.WriteLine(
            $"{kind}: {sorted.Length} pictures, mean {sorted.Average():f2}, p95 {high}, most {sorted[^1]}, "
            + $"over 31: {sorted.Count(d => d > 31)}");
        foreach ((double share, List<int> same) in byShare)
        {
            output.WriteLine($"{share:p0} of a side: mean {same.Average():f2}, most {same.Max()}");
        }

        Assert.True(sorted.Average() <= mean);
        Assert.True(high <= ofNineteenIn20);
    }

    // Three of the small ones do have lines of one colour at a side. None of a photograph's size is decoded twice.
    [Fact]
    public void Hardly_any_sample_is_taken_to_have_a_border()
    {
        List<SampleImage> found = [];
        foreach (SampleImage sample in SampleImages.All())
        {
            Border border = Borders.Find(Decoder, Conformance.Image(sample.File), PdqFidelity.Fast);
            if (!border.IsEmpty)
            {
                found.Add(sample);
                output.WriteLine($"{border} of {sample.Width}x{sample.Height} {sample.File}");
            }
        }

        Assert.InRange(found.Count, 0, 3);
        Assert.All(found, sample => Assert.True(Math.Min(sample.Width, sample.Height) <= 256));
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
        return hashes.Renditions.Where(r => r.Kind == RenditionKind.Trimmed)
            .Select(r => r.AsStored[Orientation.Original].Distance(original))
            .FirstOrDefault(PdqHash.BitCount);
    }
}
