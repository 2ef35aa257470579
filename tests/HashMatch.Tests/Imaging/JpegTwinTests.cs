using System.Buffers.Binary;
using CsCheck;
using HashMatch.Imaging;
using HashMatch.Imaging.Jpeg;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>A scan that is read at two places gives what reading it in order gives, whatever is in it.</summary>
public sealed class JpegTwinTests
{
    private static readonly ImageLimits Limits = new() { MaxPixels = 20_000_000 };
    private static readonly int[] Reductions = [2, 4, 8];

    private static readonly Lazy<byte[][]> Bases = new(() => [.. BaseFiles()]);

    public static TheoryData<int, Enums.ForeignSubsample, bool, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<int, Enums.ForeignSubsample, bool, bool>();
            foreach (int quality in (int[])[40, 75, 92, 100])
            {
                foreach (bool isOptimised in (bool[])[false, true])
                {
                    kinds.Add(quality, Enums.ForeignSubsample.On, isOptimised, false);
                    kinds.Add(quality, Enums.ForeignSubsample.Off, isOptimised, false);
                    kinds.Add(quality, Enums.ForeignSubsample.Auto, isOptimised, true);
                }
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ordinary_pictures_are_read_at_two_places(
        int quality, Enums.ForeignSubsample subsampling, bool isOptimised, bool isGrey)
    {
        using Image rgb = Encodings.FromRgb(SamplePictures.Scene(7, 1471, 1023, grain: 60), 1471, 1023);
        using Image picture = isGrey ? rgb.Colourspace(Enums.Interpretation.Bw) : rgb.Copy();
        byte[] file = picture.JpegsaveBuffer(
            q: quality, optimizeCoding: isOptimised, subsampleMode: subsampling, trellisQuant: false);
        Assert.True(file.Length > TwinScan.MinBytes + 1000);
        foreach (int reduction in Reductions)
        {
            Assert.Equal((1, 0), Compare(file, reduction, TwinScan.MinBytes, DecodeStatus.Ok));
        }
    }

    // Blocks of a few bits, and steps between them.
    [Theory]
    [InlineData(0)]
    [InlineData(2000)]
    [InlineData(37)]
    public void Flat_pictures_are_the_same(int period)
    {
        const int Width = 4003;
        const int Height = 3001;
        byte[] rgb = new byte[3 * Width * Height];
        for (int i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)(period == 0 ? 90 : 90 + (i / 3 / period % 2 * 60));
        }

        using Image picture = Encodings.FromRgb(rgb, Width, Height);
        byte[] file = picture.JpegsaveBuffer(q: 80, subsampleMode: Enums.ForeignSubsample.On);
        foreach (int reduction in Reductions)
        {
            (int read, int givenUp) = Compare(file, reduction, TwinScan.MinBytes, DecodeStatus.Ok);
            Assert.Equal(file.Length > TwinScan.MinBytes + 1000 ? 1 : 0, read + givenUp);
        }
    }

    // The upper half has most of the blocks, or most of the bits.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_flat_pictures_are_read_at_two_places(bool isUpperFlat)
    {
        const int Width = 1600;
        const int Height = 1200;
        byte[] rgb = SamplePictures.Scene(3, Width, Height, grain: 90);
        rgb.AsSpan(isUpperFlat ? 0 : rgb.Length / 2, rgb.Length / 2).Fill(77);
        using Image picture = Encodings.FromRgb(rgb, Width, Height);
        byte[] file = picture.JpegsaveBuffer(q: 85, subsampleMode: Enums.ForeignSubsample.On);
        foreach (int reduction in Reductions)
        {
            Assert.Equal((1, 0), Compare(file, reduction, TwinScan.MinBytes, DecodeStatus.Ok));
        }
    }

    [Theory]
    [InlineData("22,11,11")]
    [InlineData("41,11,11")]
    [InlineData("12,11,11")]
    [InlineData("11,22,11")]
    [InlineData("21,22,12")]
    [InlineData("31,11,11")]
    [InlineData("33")]
    public void Every_sampling_is_the_same(string sampling)
    {
        (int H, int V)[] factors = [.. sampling.Split(',').Select(pair => (pair[0] - '0', pair[1] - '0'))];
        foreach (bool hasScanEach in (bool[])[false, true])
        {
            byte[] file = new JpegWriter { Sampling = factors, HasScanEach = hasScanEach, Step = 2 }
                .Write(231, 207, Noise);
            foreach (int reduction in Reductions)
            {
                (int read, int givenUp) = Compare(file, reduction, 1, DecodeStatus.Ok);
                Assert.InRange(read + givenUp, 0, 1);
            }
        }
    }

    [Fact]
    public void Small_files_of_every_kind_are_the_same()
    {
        int read = 0;
        int givenUp = 0;
        foreach (byte[] file in Bases.Value)
        {
            foreach (int reduction in (int[])[1, .. Reductions])
            {
                (int one, int other) = Compare(file, reduction, 1, DecodeStatus.Ok);
                (read, givenUp) = (read + one, givenUp + other);
            }
        }

        Assert.True(read > 40, $"{read} read, {givenUp} given up");
    }

    [Fact]
    public void Restart_intervals_and_small_scans_are_read_in_order()
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(5, 900, 800, grain: 90), 900, 800);
        byte[] restarts = picture.JpegsaveBuffer(q: 95, restartInterval: 40);
        byte[] progressive = picture.JpegsaveBuffer(q: 95, interlace: true);
        byte[] small = picture.JpegsaveBuffer(q: 10);
        Assert.True(small.Length < TwinScan.MinBytes);
        foreach (byte[] file in (byte[][])[restarts, progressive, small])
        {
            Assert.Equal((0, 0), Compare(file, 4, TwinScan.MinBytes, DecodeStatus.Ok));
        }

        Assert.Equal((0, 0), Compare(picture.JpegsaveBuffer(q: 95), 1, TwinScan.MinBytes, DecodeStatus.Ok));
    }

    [Fact]
    public void Broken_files_are_given_up_and_read_in_order()
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(5, 900, 800, grain: 90), 900, 800);
        byte[] file = picture.JpegsaveBuffer(q: 95);
        foreach (int per in (int[])[300, 450, 550, 700, 900, 990])
        {
            int at = file.Length * per / 1000;
            at += file[at - 1] == 0xFF ? 1 : 0;
            byte[] cut = file[..at];
            byte[] ended = [.. cut, 0xFF, 0xD9];
            byte[] marked = [.. cut, 0xFF, 0xD0, .. file[at..]];
            byte[] lines = [.. cut, 0xFF, 0xDC, 0, 4, 1, 0];
            byte[] zeros = [.. cut, .. new byte[file.Length - at]];
            byte[] fill = [.. cut, .. Enumerable.Repeat<byte>(0xFF, file.Length - at)];
            foreach (byte[] broken in (byte[][])[cut, ended, marked, lines, zeros, fill])
            {
                foreach (int reduction in Reductions)
                {
                    (int read, int givenUp) = Compare(broken, reduction, TwinScan.MinBytes);
                    Assert.Equal(broken.Length > TwinScan.MinBytes + 1000 ? 1 : 0, read + givenUp);
                }
            }

            Assert.Equal((0, 1), Compare(zeros, 4, TwinScan.MinBytes));
        }
    }

    // The second place has far more blocks than the picture, and no room for them.
    [Theory]
    [InlineData(8, 8)]
    [InlineData(64, 64)]
    [InlineData(900, 16)]
    [InlineData(33, 500)]
    [InlineData(900, 400)]
    public void Data_of_a_larger_picture_are_the_same(int width, int height)
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(5, 900, 800, grain: 90), 900, 800);
        foreach (Enums.ForeignSubsample subsampling in (Enums.ForeignSubsample[])
            [Enums.ForeignSubsample.On, Enums.ForeignSubsample.Off])
        {
            byte[] file = picture.JpegsaveBuffer(q: 95, subsampleMode: subsampling);
            int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
            BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(frame + 5), (short)height);
            BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(frame + 7), (short)width);
            foreach (int reduction in Reductions)
            {
                Assert.Equal((0, 1), Compare(file, reduction, TwinScan.MinBytes));
            }
        }
    }

    // Two bits a block: in order the picture is read from its first bytes alone.
    [Theory]
    [InlineData(8, 8, 2)]
    [InlineData(1024, 1024, 2)]
    [InlineData(2048, 2048, 4)]
    public void What_goes_on_behind_the_picture_is_not_read(int width, int height, int reduction)
    {
        byte[] file = [.. Plain(width, height, 1, 1), .. new byte[4 << 20], 0xFF, 0xD9];
        var use = new TwinUse();
        CodecResult result = JpegDecoder.Decode(
            file, reduction, Limits, new RecordingSink(), TestContext.Current.CancellationToken, use);
        Assert.Equal((DecodeStatus.Ok, 1), (result.Status, use.GivenUp));
        Assert.InRange(use.MostBlocks, 0, width * height / 64);
        Assert.Equal((0, 1), Compare(file, reduction, TwinScan.MinBytes, DecodeStatus.Ok));
    }

    // As no picture has them: each costs a look.
    [Fact]
    public void Nothing_but_stuffed_bytes_is_read_in_order()
    {
        byte[] stuffed = new byte[1 << 20];
        for (int i = 0; i < stuffed.Length; i += 2)
        {
            stuffed[i] = 0xFF;
        }

        byte[] file = [.. Plain(512, 512, 2, 4), .. stuffed, 0xFF, 0xD9];
        Compare(file, 2, TwinScan.MinBytes);
        var use = new TwinUse();
        JpegDecoder.Decode(file, 2, Limits, new RecordingSink(), TestContext.Current.CancellationToken, use);
        Assert.Equal(0, use.MostBlocks);
    }

    // At two places the first lane would read over the end of the data at the very block that fills its store and ends
    // a row; it has more 0xFF than are read so.
    [Fact]
    public void A_row_that_ends_behind_the_data_is_not_given()
    {
        byte[] file =
        [
            .. Plain(184, 1856, 2, 4), .. Enumerable.Repeat<byte>(0xFF, 66962), 0, .. new byte[1773 + 201],
            .. Enumerable.Repeat<byte>(0xFF, 68535), 0xFF, 0xD9,
        ];
        Compare(file, 2, TwinScan.MinBytes);
    }

    // Second halves of which every symbol is short, or none is one.
    [Fact]
    public void Repeated_bytes_are_the_same()
    {
        byte[] file = Bases.Value[^1];
        for (int value = 0; value < 256; value++)
        {
            byte[] repeated = [.. file];
            repeated.AsSpan(file.Length * 2 / 5).Fill((byte)value);
            Compare(repeated, 4, 1);
        }
    }

    [Fact]
    public void Mutated_files_are_the_same() =>
        Gen.Select(
                Gen.Int[0, Bases.Value.Length - 1],
                Gen.Int[0, 2],
                Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 255]).Array[1, 4],
                Gen.Int[0, 9])
            .Sample(
                (index, log, changes, kind) =>
                {
                    byte[] file = [.. Bases.Value[index]];
                    foreach ((int at, int value) in changes)
                    {
                        int place = at % file.Length;
                        file[place] = kind > 2 ? (byte)(file[place] ^ (1 << (value & 7))) : (byte)value;
                    }

                    int cut = kind == 9 ? changes[0].Item1 % file.Length : file.Length;
                    Compare(file[..cut], 2 << log, 1);
                },
                iter: 3000,
                threads: 2);

    [Fact]
    public void A_cancelled_decode_is_timed_out_wherever_it_is()
    {
        using Image picture = Encodings.FromRgb(SamplePictures.Scene(5, 900, 800, grain: 90), 900, 800);
        byte[] file = picture.JpegsaveBuffer(q: 95);
        using var source = new CancellationTokenSource();
        var sink = new CancellingSink(source, 20);
        var use = new TwinUse();
        CodecResult result = JpegDecoder.Decode(file, 4, Limits, sink, source.Token, use);
        Assert.Equal((DecodeStatus.TimedOut, 1), (result.Status, use.Read));
        Assert.InRange(sink.Rows, 20, 60);
    }

    // Both ways; how often the scan was read at two places, and how often that was given up.
    private static (int Read, int GivenUp) Compare(
        byte[] file, int reduction, int minBytes, DecodeStatus? expected = null)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var ordered = new RecordingSink();
        CodecResult inOrder = JpegDecoder.Decode(
            file, reduction, Limits, ordered, cancellation, new TwinUse { MinBytes = int.MaxValue });
        var recorded = new RecordingSink();
        var use = new TwinUse { MinBytes = minBytes };
        CodecResult result = JpegDecoder.Decode(file, reduction, Limits, recorded, cancellation, use);
        Assert.Equal(inOrder, result);
        Assert.Equal((ordered.Starts, ordered.Shape), (recorded.Starts, recorded.Shape));
        Assert.True(ordered.Luma.SequenceEqual(recorded.Luma));
        Assert.Equal(expected ?? result.Status, result.Status);
        Assert.True(use.Read == 0 || result.Status == DecodeStatus.Ok, result.Detail);
        return (use.Read, use.GivenUp);
    }

    // Up to the scan's data: grey, so many DC codes of one bit that say no difference, AC codes that end the block.
    private static byte[] Plain(int width, int height, int dcCodes, int acCodes) =>
    [
        0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat<byte>(8, 64),
        0xFF, 0xC0, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0,
        0xFF, 0xC4, 0, (byte)(36 + dcCodes + acCodes),
        0, (byte)dcCodes, .. new byte[15 + dcCodes],
        0x10, (byte)(acCodes == 1 ? 1 : 0), (byte)(acCodes == 1 ? 0 : acCodes), .. new byte[14 + acCodes],
        0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0,
    ];

    private static IEnumerable<byte[]> BaseFiles()
    {
        uint seed = 1;
        foreach (int quality in (int[])[20, 60, 90, 100])
        {
            foreach (Enums.ForeignSubsample subsampling in (Enums.ForeignSubsample[])
                [Enums.ForeignSubsample.On, Enums.ForeignSubsample.Off])
            {
                foreach (int grain in (int[])[0, 60])
                {
                    byte[] rgb = SamplePictures.Scene(seed++, 403, 297, grain: grain);
                    using Image picture = Encodings.FromRgb(rgb, 403, 297);
                    using Image grey = picture.Colourspace(Enums.Interpretation.Bw);
                    yield return picture.JpegsaveBuffer(
                        q: quality, subsampleMode: subsampling, optimizeCoding: grain > 0);
                    yield return grey.JpegsaveBuffer(q: quality, optimizeCoding: grain == 0);
                }
            }
        }
    }

    private static double Noise(int component, double x, double y)
    {
        uint hash = ((uint)(x * 8) * 2654435761) ^ ((uint)(y * 8) * 2246822519) ^ ((uint)component * 97);
        hash = (hash ^ (hash >> 15)) * 2246822519;
        return 128 + (((hash >> 16) & 63) - 32) + (Math.Sin(x / 9) * 50);
    }
}
