using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class JpegDecoderTests
{
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 2, 9 }, { 7, 5 }, { 8, 8 }, { 9, 16 }, { 17, 4099 }, { 4099, 13 }, { 127, 129 }, { 1031, 65 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Grey_samples_are_libjpegs_at_every_size(int width, int height)
    {
        using Image rgb = Encodings.FromRgb(SamplePictures.Scene(31, width, height, grain: 40), width, height);
        using Image grey = rgb.Colourspace(Enums.Interpretation.Bw);
        foreach (int quality in (int[])[5, 50, 90, 100])
        {
            foreach (bool isProgressive in (bool[])[false, true])
            {
                byte[] file = grey.JpegsaveBuffer(q: quality, interlace: isProgressive, restartInterval: quality % 7);
                using Luma expected = JpegOracle.Luma(file);
                using LumaSink actual = JpegOracle.Decode(file, 1);
                Assert.Equal(expected.Pixels, actual.Luma!.Pixels);
            }
        }
    }

    [Fact]
    public void Grey_transcodings_are_libjpegs_sample_for_sample()
    {
        int compared = 0;
        for (int n = 0; n < JpegTranscodings.Count; n++)
        {
            if (!JpegTranscodings.IsGrey(n))
            {
                continue;
            }

            (string name, byte[] file) = JpegTranscodings.Make(n);
            using Luma expected = JpegOracle.Luma(file);
            using LumaSink actual = JpegOracle.Decode(file, 1);
            Assert.True(expected.Pixels.SequenceEqual(actual.Luma!.Pixels), name);
            compared++;
        }

        Assert.True(compared > 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_reduced_picture_has_the_shape_of_all_of_its_source(int reduction)
    {
        using Image image = Encodings.FromRgb(SamplePictures.Scene(3, 203, 101), 203, 101);
        using LumaSink full = JpegOracle.Decode(image.JpegsaveBuffer(q: 95), 1);
        foreach (bool isProgressive in (bool[])[false, true])
        {
            using LumaSink sink = JpegOracle.Decode(
                image.JpegsaveBuffer(q: 95, interlace: isProgressive), reduction);
            Luma luma = sink.Luma!;
            Assert.Equal((203, 101), (luma.SourceWidth, luma.SourceHeight));
            Assert.Equal(((double)reduction, (double)reduction), (luma.ScaleX, luma.ScaleY));
            Assert.Equal(
                ((202 + reduction) / reduction, (100 + reduction) / reduction), (luma.Width, luma.Height));
            Assert.InRange(MeanDifference(full.Luma!, luma, reduction), 0, 3);
        }
    }

    [Theory]
    [InlineData(1030, 512, 1)]
    [InlineData(1024, 1023, 1)]
    [InlineData(1024, 1024, 2)]
    [InlineData(4000, 3000, 4)]
    [InlineData(2048, 9000, 4)]
    [InlineData(4096, 4096, 8)]
    public void Fast_fidelity_keeps_512_pixels_on_the_shorter_side(int width, int height, int reduction) =>
        Assert.Equal(reduction, DecodeReduction.Fast(width, height));

    // What libjpeg takes at all must come out as libjpeg has it, up to how it upsamples.
    [Theory]
    [InlineData("22,11,11", true)]
    [InlineData("41,11,11", true)]
    [InlineData("12,11,11", true)]
    [InlineData("44,11,11", false)]
    [InlineData("14,12,11", true)]
    [InlineData("11,22,11", true)]
    [InlineData("21,22,12", true)]
    [InlineData("11,21,21", true)]
    [InlineData("31,11,11", true)]
    [InlineData("21,31,11", false)]
    [InlineData("13,11,11", true)]
    [InlineData("33,11,11", false)]
    [InlineData("33", true)]
    public void Every_sampling_is_decoded(string sampling, bool isLibjpegs)
    {
        (int H, int V)[] factors = [.. sampling.Split(',').Select(pair => (pair[0] - '0', pair[1] - '0'))];
        bool isTooLarge = factors.Length > 1 && factors.Sum(factor => factor.H * factor.V) > 10;
        foreach (bool hasScanEach in (bool[])[false, true])
        {
            foreach (int restarts in (int[])[0, 5])
            {
                byte[] file = new JpegWriter
                {
                    Sampling = factors,
                    HasScanEach = hasScanEach,
                    RestartInterval = restarts,
                }.Write(157, 91, Sample);
                if (isTooLarge && !hasScanEach)
                {
                    Assert.Equal(DecodeStatus.Corrupt, JpegOracle.Try(file).Status);
                    continue;
                }

                using LumaSink sink = JpegOracle.Decode(file, 1);
                Assert.InRange(MeanDifference(sink.Luma!, (x, y) => Sample(0, x, y)), 0, 3);
                if (isLibjpegs)
                {
                    using Luma expected = JpegOracle.Luma(file);
                    Assert.InRange(MeanDifference(expected, sink.Luma!, 1), 0, 3);
                }

                foreach (int reduction in (int[])[2, 4, 8])
                {
                    using LumaSink reduced = JpegOracle.Decode(file, reduction);
                    Assert.Equal((157 + reduction - 1) / reduction, reduced.Luma!.Width);
                    Assert.InRange(MeanDifference(sink.Luma!, reduced.Luma, reduction), 0, 4);
                }
            }
        }
    }

    [Theory]
    [InlineData(0, "123", true)]
    [InlineData(1, "123", false)]
    [InlineData(null, "RGB", true)]
    [InlineData(1, "RGB", false)]
    [InlineData(null, "abc", false)]
    public void Rgb_is_told_as_libjpeg_tells_it(int? adobe, string ids, bool isRgb)
    {
        byte[] file = new JpegWriter
        {
            Sampling = [(1, 1), (1, 1), (1, 1)],
            Ids = [.. ids.Select(id => (byte)id)],
            AdobeTransform = adobe,
            Step = 4,
        }.Write(61, 47, Sample);
        Assert.True(JpegDecoder.CanDecode(JpegHeader.Read(file)));
        using LumaSink sink = JpegOracle.Decode(file, 1);
        using Luma expected = JpegOracle.Luma(file);
        if (isRgb)
        {
            Assert.Equal(expected.Pixels, sink.Luma!.Pixels);
        }
        else
        {
            Assert.InRange(MeanDifference(sink.Luma!, (x, y) => Sample(0, x, y)), 0, 3);
        }
    }

    [Fact]
    public void Rgb_in_pieces_is_left_to_libvips()
    {
        byte[] scans = new JpegWriter { Sampling = [(1, 1), (1, 1), (1, 1)], AdobeTransform = 0, HasScanEach = true }
            .Write(40, 40, Sample);
        byte[] sampled = new JpegWriter { AdobeTransform = 0 }.Write(40, 40, Sample);
        foreach (byte[] file in (byte[][])[scans, sampled, Encodings.All["jpeg cmyk"].File])
        {
            Assert.False(JpegDecoder.CanDecode(JpegHeader.Read(file)));
            Assert.Equal(DecodeStatus.UnsupportedFormat, JpegOracle.Try(file).Status);
        }
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(8, false)]
    public void Wide_steps_and_standard_tables_are_read(int step, bool hasTables)
    {
        byte[] file = new JpegWriter
        {
            Sampling = [(1, 1)],
            Ids = [1],
            Step = step,
            HasHuffmanTables = hasTables,
        }.Write(75, 50, (_, x, y) => x > 30 ? 220 : 20 + y);
        using Luma expected = JpegOracle.Luma(file);
        using LumaSink sink = JpegOracle.Decode(file, 1);
        Assert.Equal(expected.Pixels, sink.Luma!.Pixels);
    }

    [Fact]
    public void Fill_bytes_and_bytes_before_markers_are_passed_over()
    {
        byte[] file = new JpegWriter { RestartInterval = 3 }.Write(90, 60, Sample);
        using LumaSink plain = JpegOracle.Decode(file, 1);
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        int restart = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD0]);
        byte[] padded =
            [.. file[..scan], 0xFF, 0xFF, .. file[scan..restart], 1, 2, 0xFF, 0xFF, .. file[restart..], 7, 7];
        using LumaSink sink = JpegOracle.Decode(padded, 1);
        Assert.Equal(plain.Luma!.Pixels, sink.Luma!.Pixels);
    }

    [Fact]
    public void A_second_pass_gives_the_same_rows()
    {
        (_, byte[] file) = JpegTranscodings.Make(8);
        using LumaSink first = JpegOracle.Decode(file, 2);
        using LumaSink second = JpegOracle.Decode(file, 2);
        Assert.Equal(first.Luma!.Pixels, second.Luma!.Pixels);
    }

    [Fact]
    public void Tables_of_one_file_do_not_serve_another()
    {
        byte[] own = Encodings.All["jpeg 95"].File;
        byte[] standard = new JpegWriter { HasHuffmanTables = false }.Write(64, 64, Sample);
        byte[] optimised = JpegTranscodings.Make(4).File;
        foreach (byte[] file in (byte[][])[own, standard, optimised, own, optimised, standard])
        {
            using LumaSink sink = JpegOracle.Decode(file, 1);
            using Luma expected = JpegOracle.Luma(file);
            Assert.InRange(MeanDifference(expected, sink.Luma!, 1), 0, 3);
        }
    }

    [Fact]
    public void A_cancelled_decode_is_timed_out()
    {
        using var sink = new LumaSink();
        CodecResult result = JpegDecoder.Decode(
            Encodings.All["jpeg 95"].File, 1, JpegOracle.Limits, sink, new CancellationToken(canceled: true));
        Assert.Equal(DecodeStatus.TimedOut, result.Status);
    }

    private static double Sample(int component, double x, double y) =>
        128 + ((Math.Sin((x + (7 * component)) / 17) + Math.Cos((y - (x / 3)) / 23)) * (component == 0 ? 45 : 9));

    private static double MeanDifference(Luma luma, Func<double, double, double> expected)
    {
        double sum = 0;
        for (int y = 0; y < luma.Height; y++)
        {
            for (int x = 0; x < luma.Width; x++)
            {
                sum += Math.Abs(luma.Row(y)[x] - expected(x, y));
            }
        }

        return sum / luma.Pixels.Length;
    }

    private static double MeanDifference(Luma full, Luma reduced, int reduction) => MeanDifference(
        reduced,
        (x, y) =>
        {
            (int left, int top) = ((int)x * reduction, (int)y * reduction);
            (int right, int bottom) = (Math.Min(left + reduction, full.Width), Math.Min(top + reduction, full.Height));
            double sum = 0;
            for (int row = top; row < bottom; row++)
            {
                for (int column = left; column < right; column++)
                {
                    sum += full.Row(row)[column];
                }
            }

            return sum / ((right - left) * (bottom - top));
        });
}
