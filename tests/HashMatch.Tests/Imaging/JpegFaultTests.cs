using System.Diagnostics;
using CsCheck;
using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>JPEGs that are cut, changed or made to cost: a status, soon, and never an exception.</summary>
public sealed class JpegFaultTests
{
    private static readonly string[] Names =
        [.. Encodings.All.Keys.Where(name => name.StartsWith("jpeg", StringComparison.Ordinal))];

    private static readonly ImageLimits Limits = new() { MaxPixels = 4_000_000 };

    public static TheoryData<string> Ours => [.. Names.Where(name => !name.Contains("cmyk", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_file_cut_anywhere_is_truncated_or_whole(string name)
    {
        byte[] file = Encodings.All[name].File;
        using LumaSink whole = JpegOracle.Decode(file, 1);
        for (int i = 1; i < 50; i++)
        {
            int length = 2 + ((file.Length - 2) * i / 50);
            foreach (int reduction in (int[])[1, 2, 4, 8])
            {
                CodecResult result = JpegOracle.Try(file[..length], reduction);
                Assert.True(result.Status == DecodeStatus.Truncated, $"{length}, 1/{reduction}: {result}");
                Assert.NotEmpty(result.Detail);
            }
        }

        // Without its end marker a baseline picture is whole; a progressive one might go on.
        bool isProgressive = name.Contains("progressive", StringComparison.Ordinal);
        using LumaSink sink = JpegOracle.Decode(isProgressive ? file : file[..^2], 1);
        Assert.Equal(whole.Luma!.Pixels, sink.Luma!.Pixels);
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_marker_that_comes_too_early_is_truncated(string name)
    {
        byte[] file = Encodings.All[name].File;
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        for (int i = 1; i < 10; i++)
        {
            int at = scan + 14 + ((file.Length - scan - 16) * i / 10);
            at += file[at - 1] == 0xFF ? 1 : 0;
            DecodeStatus status = JpegOracle.Try([.. file[..at], 0xFF, 0xD9]).Status;

            // A progressive picture may be ended behind any scan, and may be cut into a scan header.
            Assert.True(
                status == DecodeStatus.Truncated
                || (name.Contains("progressive", StringComparison.Ordinal)
                    && status is DecodeStatus.Ok or DecodeStatus.Corrupt),
                $"{at}: {status}");
        }
    }

    [Fact]
    public void Mutated_files_end_without_an_exception() =>
        Gen.Select(
                Gen.Int[0, Names.Length - 1],
                Gen.Int[0, 3],
                Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 12])
            .Sample((name, log, changes) => End(Names[name], log, changes, int.MaxValue), iter: 3000, threads: 2);

    [Fact]
    public void Mutated_headers_end_without_an_exception() =>
        Gen.Select(
                Gen.Int[0, Names.Length - 1],
                Gen.Int[0, 3],
                Gen.Select(Gen.Int[0, 700], Gen.Byte).Array[1, 6])
            .Sample((name, log, changes) => End(Names[name], log, changes, 700), iter: 3000, threads: 2);

    [Fact]
    public void Restart_markers_out_of_order_are_never_whole()
    {
        byte[] file = Encodings.All["jpeg restarts"].File;
        int first = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD0]);
        int second = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD1]);
        byte[] swapped = [.. file];
        (swapped[first + 1], swapped[second + 1]) = (0xD1, 0xD0);
        byte[] missing = [.. file[..first], .. file[second..]];
        byte[] garbage = [.. file[..first], .. Enumerable.Repeat<byte[]>([0xFF, 0xD3], 50_000).SelectMany(b => b)];
        byte[] unasked = [.. Encodings.All["jpeg 95"].File];
        int middle = unasked.Length / 2;
        (unasked[middle], unasked[middle + 1]) = (0xFF, 0xD0);
        foreach (byte[] broken in (byte[][])[swapped, missing, garbage, unasked])
        {
            Assert.True(JpegOracle.Try(broken).Status is DecodeStatus.Truncated or DecodeStatus.Corrupt);
        }
    }

    [Fact]
    public void Broken_tables_and_headers_are_corrupt()
    {
        byte[] file = Encodings.All["jpeg 95"].File;
        int huffman = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4]);
        int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        int steps = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDB]);
        foreach ((int at, byte value) in ((int, byte)[])
            [
                (huffman + 5, 0xFF), (huffman + 6, 9), (huffman + 4, 0x44),
                (frame + 5, 0), (frame + 11, 0), (frame + 11, 0x05), (frame + 11, 0x51), (frame + 12, 9),
                (scan + 5, 77), (scan + 7, 1), (scan + 6, 0x55), (scan + 4, 9), (scan + 4, 0),
                (steps + 4, 0x25), (steps + 4, 0x07),
            ])
        {
            byte[] broken = [.. file];
            broken[at] = value;
            if (at == frame + 5)
            {
                broken[at + 1] = 0;
            }

            CodecResult result = JpegOracle.Try(broken);
            Assert.True(result.Status == DecodeStatus.Corrupt, $"{at} = {value}: {result}");
        }

        Assert.Equal(DecodeStatus.Corrupt, JpegOracle.Try([.. file[..scan], 0xFF, 0xD9]).Status);
        byte[] twoFrames = [.. file[..scan], .. file[frame..]];
        Assert.Equal(DecodeStatus.Corrupt, JpegOracle.Try(twoFrames).Status);
        Assert.Equal(DecodeStatus.Corrupt, JpegOracle.Try([.. "not a JPEG"u8]).Status);
        Assert.Equal(DecodeStatus.Truncated, JpegOracle.Try([0xFF, 0xD8]).Status);
    }

    [Fact]
    public void A_claim_of_a_large_picture_is_answered_before_memory_is_taken()
    {
        byte[] file = CraftedFiles.ResizedJpeg(Encodings.All["jpeg progressive"].File, 65500, 65500);
        const int Most = 64 * 1024;
        Assert.Equal(DecodeStatus.TooManyPixels, JpegOracle.Try(file, 1, Limits).Status);
        Assert.InRange(Allocations.Least(() => _ = JpegOracle.Try(file, 1, Limits), Most), 0, Most);
    }

    [Fact]
    public void A_scan_bomb_of_49_megabytes_is_refused()
    {
        using Image image = Encodings.FromRgb(SamplePictures.Scene(3, 64, 64), 64, 64);
        byte[] jpeg = CraftedFiles.ResizedJpeg(image.JpegsaveBuffer(interlace: true), 2000, 2000);
        byte[] one = CraftedFiles.ScanBomb(jpeg, 1);
        byte[] bomb = CraftedFiles.ScanBomb(jpeg, 49_000_000 / (one.Length - jpeg.Length));
        Assert.True(bomb.Length > 45_000_000);
        foreach (int reduction in (int[])[1, 8])
        {
            DecodeStatus status = JpegOracle.Try(bomb, reduction, Limits).Status;
            Assert.True(status is DecodeStatus.TooManyPixels or DecodeStatus.Truncated, $"{status}");
        }
    }

    [Fact]
    public void A_whole_picture_of_many_needless_scans_is_refused()
    {
        byte[] bomb = CraftedFiles.ScanBomb(Encodings.All["jpeg progressive"].File, 2000);
        foreach (int reduction in (int[])[1, 2, 4, 8])
        {
            DecodeStatus status = JpegOracle.Try(bomb, reduction, Limits).Status;
            Assert.True(status is DecodeStatus.TooManyPixels or DecodeStatus.Corrupt, $"1/{reduction}: {status}");
        }
    }

    [Fact]
    public void Memory_above_idle_is_small()
    {
        using Image image = Encodings.FromRgb(SamplePictures.Scene(5, 4000, 3000), 4000, 3000);
        byte[] file = image.JpegsaveBuffer(q: 80);
        const int Most = 64 * 1024;
        var sink = new CountingSink();
        long least = Allocations.Least(
            () =>
            {
                sink.Rows = 0;
                _ = JpegDecoder.Decode(file, 4, JpegOracle.Limits, sink, TestContext.Current.CancellationToken);
            },
            Most);
        Assert.InRange(least, 0, Most);
        Assert.Equal(750, sink.Rows);
    }

    private static void End(string name, int log, (int At, byte Value)[] changes, int within)
    {
        byte[] file = [.. Encodings.All[name].File];
        foreach ((int at, byte value) in changes)
        {
            file[at % Math.Min(within, file.Length)] = value;
        }

        long start = Stopwatch.GetTimestamp();
        _ = JpegHeader.Read(file);
        CodecResult result = JpegOracle.Try(file, 1 << log, Limits);
        Assert.True(Enum.IsDefined(result.Status));
        Assert.Equal(result.Status == DecodeStatus.Ok, result.Detail.Length == 0);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }

    private sealed class CountingSink : IPictureSink
    {
        public int Rows { get; set; }

        public void Start(in PictureShape shape)
        {
        }

        public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha) => Rows++;
    }
}
