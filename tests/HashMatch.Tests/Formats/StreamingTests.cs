using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class StreamingTests
{
    public static TheoryData<ListFileFormat> Formats =>
        [.. Enum.GetValues<ListFileFormat>().Except([ListFileFormat.Auto, ListFileFormat.Nsrl])];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task However_a_stream_is_cut_its_lines_are_the_same(ListFileFormat format)
    {
        await Gen.Select(Gen.Int, Gen.Int[1, 40], Gen.Int[0, 1]).SampleAsync(
            async (seed, records, broken) =>
            {
                Random random = new(seed);
                string text = Sample(format, random, records);
                text = broken == 1 ? text[..random.Next(text.Length)] : text;
                byte[] bytes = Shapes.Bytes(text, random.Next(2) == 0);
                ListReadOptions options = new() { Format = format };
                using MemoryStream whole = new(bytes);
                List<ListLine> expected = await Reading.LinesAsync(whole, options);
                using Pieces pieces = new(bytes, new Random(seed + 1));
                Assert.Equal(expected, await Reading.LinesAsync(pieces, options));
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_damaged_file_is_read_as_far_as_it_goes(ListFileFormat format)
    {
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                byte[] bytes = Shapes.Bytes(Sample(format, random, random.Next(1, 6)));
                for (int damage = random.Next(1, 6); damage > 0; damage--)
                {
                    int at = random.Next(bytes.Length);
                    byte[] piece = bytes[at..Math.Min(bytes.Length, at + random.Next(40))];
                    bytes = random.Next(3) switch
                    {
                        0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                        1 => [.. bytes[..at], .. piece, .. bytes[at..]],
                        _ => [.. bytes[..at], .. bytes[(at + piece.Length)..], (byte)' '],
                    };
                }

                // What is said of each line is checked there; that nothing is thrown is the rest.
                using MemoryStream stream = new(bytes);
                ListFileFormat said = random.Next(4) > 0 ? format : ListFileFormat.Auto;
                await Reading.LinesAsync(stream, new ListReadOptions { Format = said });
            },
            iter: 1000,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_format_is_told_by_its_beginning(ListFileFormat format)
    {
        string text = Sample(format, new Random(3), 20);
        List<ListLine> named = await Reading.LinesAsync(text, new ListReadOptions { Format = format });
        Assert.NotEmpty(named);
        Assert.All(named, line => Assert.Null(line.Error));
        Assert.Equal(named, await Reading.LinesAsync(text));
    }

    [Fact]
    public async Task Json_of_no_known_shape_is_not_guessed()
    {
        ListLine error = await Reading.ErrorAsync("{\"users\":[{\"name\":\"a\"}]}");
        Assert.Contains("--format", error.Error, StringComparison.Ordinal);
    }

    internal static string Sample(ListFileFormat format, Random random, int records)
    {
        string Hex(HashType type) => Shapes.Hex(random, type);
        IEnumerable<int> all = Enumerable.Range(1, records);
        return format switch
        {
            ListFileFormat.Csv => "type,value,note,op\r\n" + string.Concat(all.Select(i =>
                $"md5,{Hex(HashType.Md5)},\"a \"\"b\"\"\nc{i}\",{(i % 3 == 0 ? "delete" : "")}\r\n")),
            ListFileFormat.Text => string.Concat(all.Select(i =>
                i % 2 == 0 ? $"{Hex(HashType.Sha1)}\n" : $"pdq {Hex(HashType.Pdq)}\r\n")),
            ListFileFormat.Icse => "MD5;SHA1;PhotoDNA;Name\r\n" + string.Concat(all.Select(i =>
                $"{Hex(HashType.Md5)};{Hex(HashType.Sha1)};x;\"a;{i}\"\r\n")),
            ListFileFormat.Ncmec => Shapes.NcmecPage(
                all.Select(i => i % 4 == 0
                    ? Shapes.NcmecDeleted("deletedImage", "1", $"i{i - 1}")
                    : Shapes.NcmecRecord("image", "1", $"i{i}", "A1", ("md5", Hex(HashType.Md5)), ("pdna", "x"))),
                [Shapes.NcmecRecord("video", "2", "v<&>é", "B1", ("sha1", Hex(HashType.Sha1)))]),
            ListFileFormat.StopNcii => Shapes.StopNciiPage([.. all.Select(i => Shapes.StopNciiRecord(
                "ImagePDQ", Hex(HashType.Pdq), i % 5 == 0 ? "Withdrawn" : "Active", $"case \"{i}\" é"))]),
            ListFileFormat.ThreatExchange => Shapes.ThreatExchangePage([.. all.Select(i => Shapes.ThreatUpdate(
                i, "HASH_PDQ", Hex(HashType.Pdq), i % 5 == 0, ("MALICIOUS", "1", ["tag"])))]),
            ListFileFormat.TechAgainstTerrorism => Shapes.TatPage([.. all.Select(i => Shapes.TatRecord(
                i, "MD5", Hex(HashType.Md5), "islamist", i % 5 == 0))]),
            ListFileFormat.Vics => Shapes.VicsSet([.. all.Select(i => Shapes.VicsMedia(
                i, "1", Hex(HashType.Md5), Hex(HashType.Sha1), "AA"))]),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    /// <summary>A stream that gives a few bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(random.Next(1, 8), buffer.Length)], cancellationToken);
    }
}
