using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Png;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>What the own PNG decoder says of files that break the format's rules.</summary>
public sealed class PngDecoderTests
{
    private const int Width = 40;
    private const int Height = 30;

    private static readonly ImageLimits Limits = new();

    private static readonly byte[] Samples = Noise(3 * Width * Height, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, DecodeStatus> Mistakes => new()
    {
        { "nothing wrong", DecodeStatus.Ok },
        { "IHDR checksum", DecodeStatus.Ok },
        { "IDAT checksum", DecodeStatus.Ok },
        { "text checksum", DecodeStatus.Ok },
        { "no IEND", DecodeStatus.Ok },
        { "bytes behind IEND", DecodeStatus.Ok },
        { "more rows than the header says", DecodeStatus.Ok },
        { "bytes behind the zlib stream", DecodeStatus.Ok },
        { "a critical chunk behind IDAT", DecodeStatus.Ok },
        { "PLTE of a wrong length in RGB", DecodeStatus.Ok },
        { "empty IDATs", DecodeStatus.Ok },
        { "IDAT byte by byte", DecodeStatus.Ok },
        { "fewer rows than the header says", DecodeStatus.Truncated },
        { "a byte of pixels missing", DecodeStatus.Truncated },
        { "half of the compressed data", DecodeStatus.Truncated },
        { "zlib checksum missing", DecodeStatus.Truncated },
        { "IDAT interrupted", DecodeStatus.Truncated },
        { "nothing behind the header", DecodeStatus.Truncated },
        { "zlib checksum wrong", DecodeStatus.Corrupt },
        { "zlib method", DecodeStatus.Corrupt },
        { "zlib dictionary", DecodeStatus.Corrupt },
        { "deflate block type 3", DecodeStatus.Corrupt },
        { "filter 5", DecodeStatus.Corrupt },
        { "filter 255", DecodeStatus.Corrupt },
        { "two headers", DecodeStatus.Corrupt },
        { "IEND before IDAT", DecodeStatus.Corrupt },
        { "an unknown critical chunk", DecodeStatus.Corrupt },
        { "a name that is none", DecodeStatus.Corrupt },
        { "empty PLTE in RGB", DecodeStatus.Corrupt },
    };

    public static TheoryData<string, DecodeStatus> PaletteMistakes => new()
    {
        { "nothing wrong", DecodeStatus.Ok },
        { "PLTE checksum", DecodeStatus.Ok },
        { "an index without an entry", DecodeStatus.Ok },
        { "tRNS before PLTE", DecodeStatus.Ok },
        { "tRNS longer than PLTE", DecodeStatus.Ok },
        { "no PLTE", DecodeStatus.Corrupt },
        { "PLTE behind IDAT", DecodeStatus.Corrupt },
        { "empty PLTE", DecodeStatus.Corrupt },
        { "PLTE of 31 bytes", DecodeStatus.Corrupt },
        { "PLTE of 257 entries", DecodeStatus.Corrupt },
        { "two PLTEs", DecodeStatus.Corrupt },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_has_its_status_and_libvips_agrees_whether_there_is_a_picture(
        string name, DecodeStatus expected) => Assert.Equal(expected, PngOracle.Compare(Broken(name), name));

    [Theory]
    [MemberData(nameof(PaletteMistakes))]
    public void A_palette_mistake_has_its_status_and_libvips_agrees_whether_there_is_a_picture(
        string name, DecodeStatus expected) => Assert.Equal(expected, PngOracle.Compare(BrokenPalette(name), name));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void Transparency_of_any_length_is_taken_or_skipped_as_libvips_does(byte colour)
    {
        for (int length = 0; length < 260; length += length < 14 ? 1 : 41)
        {
            var file = new PngFile(Width, Height, 8, colour);
            byte[] pixels = Noise(Height * file.RowBytes, 2);
            file.Add("PLTE", Noise(30, 3)).Add("tRNS", new byte[length]);
            file.AddData(PngFile.Deflate(file.Filter(pixels, y => y % 5)));
            Assert.Equal(DecodeStatus.Ok, PngOracle.Compare(file.ToArray(), $"tRNS of {length}"));
        }
    }

    [Fact]
    public void A_file_cut_anywhere_before_its_end_is_truncated()
    {
        byte[] png = Broken("nothing wrong");
        int pixelsEnd = png.Length - 12 - 4;
        for (int i = 0; i < 50; i++)
        {
            byte[] cut = png[..(33 + (i * (pixelsEnd - 33) / 50))];
            Assert.Equal(DecodeStatus.Truncated, PngOracle.Compare(cut, $"{cut.Length} bytes"));
        }

        Assert.Equal(DecodeStatus.Ok, PngOracle.Compare(png[..^12], "no IEND"));
    }

    [Theory]
    [InlineData(8, 2, 0, true)]
    [InlineData(1, 0, 0, true)]
    [InlineData(4, 3, 0, true)]
    [InlineData(16, 2, 0, false)]
    [InlineData(16, 0, 0, false)]
    [InlineData(8, 2, 1, false)]
    [InlineData(8, 5, 0, false)]
    [InlineData(4, 2, 0, false)]
    [InlineData(3, 0, 0, false)]
    public void Only_what_is_decoded_here_is_claimed(byte depth, byte colour, byte interlace, bool expected)
    {
        byte[] png = new PngFile(Width, Height, depth, colour, interlace).ToArray();
        Assert.Equal(expected, PngDecoder.CanDecode(png));
        Assert.False(PngDecoder.CanDecode(png.AsSpan(0, 32)));
        if (!expected)
        {
            CodecResult result = PngDecoder.Decode(png, Limits, new RecordingSink(), Cancellation);
            Assert.Equal(DecodeStatus.UnsupportedFormat, result.Status);
        }
    }

    [Theory]
    [InlineData(30_000, 30_000, DecodeStatus.TooManyPixels)]
    [InlineData(30_001, 5, DecodeStatus.TooManyPixels)]
    [InlineData(5, 30_001, DecodeStatus.TooManyPixels)]
    [InlineData(500_000_000, 2_000_000_000, DecodeStatus.TooManyPixels)]
    [InlineData(9000, 9000, DecodeStatus.Truncated)]
    public void A_claim_is_answered_before_a_row_is_inflated(int width, int height, DecodeStatus expected)
    {
        byte[] png = new PngFile(width, height, 8, 2).AddData(PngFile.Deflate(new byte[9000])).ToArray();
        var sink = new RecordingSink();
        const int Most = 16 * 1024;
        Assert.Equal(expected, PngDecoder.Decode(png, Limits, sink, Cancellation).Status);
        Assert.InRange(
            Allocations.Least(() => _ = PngDecoder.Decode(png, Limits, sink, Cancellation), Most), 0, Most);
        Assert.Equal(0, sink.Starts);
    }

    [Fact]
    public void Text_and_profile_bombs_are_not_inflated()
    {
        byte[] zeros = CraftedFiles.DeflatedZeros(256 * 1024 * 1024);
        byte[] png = CraftedFiles.WithChunk(Broken("nothing wrong"), "zTXt"u8, [.. "a\0\0"u8, .. zeros]);
        png = CraftedFiles.WithChunk(png, "iCCP"u8, [.. "p\0\0"u8, .. zeros]);
        png = CraftedFiles.WithChunk(png, "iTXt"u8, [.. "a\0\x01\0\0\0"u8, .. zeros]);
        var sink = new RecordingSink();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Assert.Equal(DecodeStatus.Ok, PngDecoder.Decode(png, Limits, sink, Cancellation).Status);
        Assert.InRange(Environment.CpuUsage.TotalTime - before, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(Width * Height, sink.Luma.Count);
    }

    [Fact]
    public void A_cancelled_decode_is_timed_out()
    {
        CodecResult result = PngDecoder.Decode(
            Broken("nothing wrong"), Limits, new RecordingSink(), new CancellationToken(canceled: true));
        Assert.Equal(DecodeStatus.TimedOut, result.Status);
    }

    [Fact]
    public void A_decode_cancelled_in_the_middle_stops_there()
    {
        var file = new PngFile(2000, 2000, 8, 2);
        byte[] png = file.AddData(PngFile.Deflate(new byte[2000 * 6001])).ToArray();
        using var source = new CancellationTokenSource();
        var sink = new CancellingSink(source, afterRows: 100);
        Assert.Equal(DecodeStatus.TimedOut, PngDecoder.Decode(png, Limits, sink, source.Token).Status);
        Assert.InRange(sink.Rows, 100, 200);
    }

    [Fact]
    public void Millions_of_empty_chunks_end_when_they_are_cancelled()
    {
        byte[] empty = new PngFile(Width, Height, 8, 2).Add("IDAT", []).ToArray(hasEnd: false)[33..];
        byte[] png = [.. Broken("nothing behind the header").AsSpan(0, 33), .. Repeat(empty, 2_000_000)];
        using var source = new CancellationTokenSource();
        var data = new ImageDataReader(png, 33);
        source.Cancel();
        Assert.False(data.TryReadByte(source.Token, out _));
    }

    [Theory]
    [InlineData(0, Orientation.Original)]
    [InlineData(3, Orientation.Rotated180)]
    [InlineData(6, Orientation.Rotated270)]
    [InlineData(8, Orientation.Rotated90)]
    public void The_header_says_how_exif_turns_the_picture(byte tag, Orientation expected)
    {
        byte[] exif =
        [
            .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, tag, 0, 0, 0, 0, 0, 0, 0,
        ];
        byte[] png = CraftedFiles.WithChunk(Broken("nothing wrong"), "eXIf"u8, exif);
        Assert.Equal(expected, PngHeader.Read(png).Upright);
        Assert.Equal(Orientation.Original, PngHeader.Read(Broken("nothing wrong")).Upright);
    }

    [Fact]
    public void A_decode_allocates_by_the_row_and_not_by_the_picture()
    {
        long small = Allocated(1000, 40, enough: 0);
        long large = Allocated(1000, 4000, enough: small + 4096);
        Assert.InRange(large, 0, small + 4096);
        Assert.InRange(large, 0, 64 * 1024);

        static long Allocated(int width, int height, long enough)
        {
            var file = new PngFile(width, height, 8, 2);
            byte[] png = file.AddData(PngFile.Deflate(new byte[height * (file.RowBytes + 1)])).ToArray();
            return Allocations.Least(
                () => _ = PngDecoder.Decode(png, Limits, new ForgettingSink(), CancellationToken.None), enough);
        }
    }

    private static byte[] Broken(string mistake)
    {
        var file = new PngFile(Width, Height, 8, 2);
        byte[] lines = file.Filter(Samples, y => y % 5);
        byte[] data = PngFile.Deflate(lines);
        byte[] empty = [];
        return mistake switch
        {
            "IHDR checksum" => Flip(file.AddData(data).ToArray(), 30),
            "IDAT checksum" => file.Add("IDAT", data, isBroken: true).ToArray(),
            "text checksum" => file.Add("tEXt", [65, 0, 66], isBroken: true).AddData(data).ToArray(),
            "no IEND" => file.AddData(data).ToArray(hasEnd: false),
            "bytes behind IEND" => [.. file.AddData(data).ToArray(), .. Noise(500, 2)],
            "more rows than the header says" =>
                file.AddData(PngFile.Deflate([.. lines, .. Noise(5000, 3)])).ToArray(),
            "bytes behind the zlib stream" => file.AddData([.. data, .. Noise(300, 2)]).ToArray(),
            "a critical chunk behind IDAT" => file.AddData(data).Add("ABCD", empty).ToArray(),
            "PLTE of a wrong length in RGB" => file.Add("PLTE", new byte[31]).AddData(data).ToArray(),
            "empty IDATs" => file.Add("IDAT", empty).AddData(data[..99]).Add("IDAT", empty).Add("IDAT", empty)
                .AddData(data[99..]).ToArray(),
            "IDAT byte by byte" => file.AddData(data, 1).ToArray(),
            "fewer rows than the header says" => file.AddData(PngFile.Deflate(lines[..^121])).ToArray(),
            "a byte of pixels missing" => file.AddData(PngFile.Deflate(lines[..^1])).ToArray(),
            "half of the compressed data" => file.AddData(data[..(data.Length / 2)]).ToArray(),
            "zlib checksum missing" => file.AddData(data[..^4]).ToArray(),
            "IDAT interrupted" => file.AddData(data[..999]).Add("tEXt", [65, 0]).AddData(data[999..]).ToArray(),
            "nothing behind the header" => file.ToArray(hasEnd: false),
            "zlib checksum wrong" => file.AddData(Flip(data, data.Length - 1)).ToArray(),
            "zlib method" => file.AddData([0x77, 0x09, .. data.AsSpan(2)]).ToArray(),
            "zlib dictionary" => file.AddData([0x78, 0xBB, 1, 2, 3, 4, .. data.AsSpan(2)]).ToArray(),
            "deflate block type 3" => file.AddData([data[0], data[1], 0xFF, .. data.AsSpan(3)]).ToArray(),
            "filter 5" => file.AddData(PngFile.Deflate(WithFilter(lines, 7, 5))).ToArray(),
            "filter 255" => file.AddData(PngFile.Deflate(WithFilter(lines, Height - 1, 255))).ToArray(),
            "two headers" => file.Add("IHDR", file.ToArray()[16..29]).AddData(data).ToArray(),
            "IEND before IDAT" => file.Add("IEND", empty).AddData(data).ToArray(),
            "an unknown critical chunk" => file.Add("ABCD", empty).AddData(data).ToArray(),
            "a name that is none" => file.Add("a\u0001CD", empty).AddData(data).ToArray(),
            "empty PLTE in RGB" => file.Add("PLTE", empty).AddData(data).ToArray(),
            "nothing wrong" => file.AddData(data).ToArray(),
            _ => throw new ArgumentOutOfRangeException(nameof(mistake)),
        };
    }

    private static byte[] BrokenPalette(string mistake)
    {
        var file = new PngFile(Width, Height, 8, 3);
        byte[] pixels = [.. Noise(Width * Height, 1).Select(sample => (byte)(sample % 10))];
        byte[] data = PngFile.Deflate(file.Filter(pixels, y => y % 5));
        byte[] palette = Noise(30, 4);
        return mistake switch
        {
            "PLTE checksum" => file.Add("PLTE", palette, isBroken: true).AddData(data).ToArray(),
            "an index without an entry" => file.Add("PLTE", palette[..15]).AddData(data).ToArray(),
            "tRNS before PLTE" => file.Add("tRNS", [1, 2]).Add("PLTE", palette).AddData(data).ToArray(),
            "tRNS longer than PLTE" => file.Add("PLTE", palette).Add("tRNS", palette).AddData(data).ToArray(),
            "no PLTE" => file.AddData(data).ToArray(),
            "PLTE behind IDAT" => file.AddData(data).Add("PLTE", palette).ToArray(),
            "empty PLTE" => file.Add("PLTE", []).AddData(data).ToArray(),
            "PLTE of 31 bytes" => file.Add("PLTE", new byte[31]).AddData(data).ToArray(),
            "PLTE of 257 entries" => file.Add("PLTE", new byte[257 * 3]).AddData(data).ToArray(),
            "two PLTEs" => file.Add("PLTE", palette).Add("PLTE", palette).AddData(data).ToArray(),
            "nothing wrong" => file.Add("PLTE", palette).AddData(data).ToArray(),
            _ => throw new ArgumentOutOfRangeException(nameof(mistake)),
        };
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 0xFF;
        return flipped;
    }

    private static byte[] WithFilter(byte[] lines, int row, byte filter)
    {
        byte[] changed = [.. lines];
        changed[row * ((3 * Width) + 1)] = filter;
        return changed;
    }

    private static byte[] Noise(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Repeat(byte[] bytes, int times)
    {
        byte[] repeated = new byte[bytes.Length * times];
        for (int i = 0; i < times; i++)
        {
            bytes.CopyTo(repeated, i * bytes.Length);
        }

        return repeated;
    }
}
