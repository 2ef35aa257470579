using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Bits between the hash of this project's luma and that of libvips' full-size RGB.</summary>
public sealed class JpegDriftTests
{
    private const int MinQuality = 50;
    private const int MaxP99 = 6;

    private static ITestOutputHelper Output => TestContext.Current.TestOutputHelper!;

    [Fact]
    public void Transcodings_are_near_at_full_size_and_at_fast_fidelity()
    {
        List<(string Name, int Distance)> full = [];
        List<(string Name, int Distance)> fast = [];
        for (int n = 0; n < JpegTranscodings.Count; n++)
        {
            (string name, byte[] file) = JpegTranscodings.Make(n);
            using Luma expected = JpegOracle.Luma(file);
            Measure(full, name, file, expected, 1);
            int reduction = DecodeReduction.Fast(expected.Width, expected.Height);
            if (reduction > 1)
            {
                Measure(fast, name, file, expected, reduction);
            }
        }

        Assert.True(full.Count > 300 && fast.Count > 90);
        Hold(full, maxMean: 0.6);
        Hold(fast, maxMean: 0.7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Samples_are_near(bool isFast)
    {
        List<(string Name, int Distance)> drift = [];
        foreach (SampleImage image in SampleImages.All().Where(
            image => image.File.EndsWith(".jpg", StringComparison.Ordinal)))
        {
            byte[] file = Conformance.Image(image.File);
            ImageHeader header = JpegHeader.Read(file);
            if (JpegDecoder.CanDecode(header))
            {
                int reduction = isFast ? DecodeReduction.Fast(header.Width, header.Height) : 1;
                using Luma expected = JpegOracle.Luma(file);
                Measure(drift, image.File, file, expected, reduction);
            }
        }

        Assert.True(drift.Count > 20);
        Hold(drift, isFast ? 0.7 : 0.6);
    }

    private static void Measure(
        List<(string Name, int Distance)> drift, string name, byte[] file, Luma expected, int reduction)
    {
        PdqResult oracle = PdqHasher.Hash(expected, PdqFidelity.Fast);
        if (oracle.Quality < MinQuality)
        {
            return;
        }

        using LumaSink sink = JpegOracle.Decode(file, reduction);
        int distance = PdqHasher.Hash(sink.Luma!, PdqFidelity.Fast).Hash.Distance(oracle.Hash);
        drift.Add(($"{name}, 1/{reduction}", distance));
    }

    private static void Hold(List<(string Name, int Distance)> drift, double maxMean)
    {
        Assert.NotEmpty(drift);
        double mean = drift.Average(file => file.Distance);
        int[] sorted = [.. drift.Select(file => file.Distance).Order()];
        int p99 = sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(0.99 * sorted.Length) - 1)];
        Output.WriteLine($"{drift.Count} files: mean {mean:F3}, p99 {p99}, identical {sorted.Count(d => d == 0)}");
        foreach ((string name, int distance) in drift.OrderByDescending(file => file.Distance).Take(8))
        {
            Output.WriteLine($"{distance}: {name}");
        }

        Assert.InRange(mean, 0, maxMean);

        // Of fewer than a hundred files one may be the hundredth.
        int above = sorted.Count(distance => distance > MaxP99);
        Assert.InRange(above, 0, Math.Max(1, sorted.Length / 100));
    }
}
