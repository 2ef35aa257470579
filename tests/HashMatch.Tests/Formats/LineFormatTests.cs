using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class LineFormatTests
{
    private readonly Random _random = new(23);

    [Fact]
    public async Task A_csv_file_deletes_what_its_op_says()
    {
        (string a, string b, string c) = (Hex(HashType.Md5), Hex(HashType.Pdq), Hex(HashType.Sha1));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            "type,value,op,note\n"
            + $"md5,{a},upsert,1\npdq,{b},,2\nmd5,{a},DELETE,\nsha1,{c},delete,\nsha1,{c},Upsert,3\n");
        Assert.Equal(new[] { $"pdq:{b}", $"sha1:{c}" }.Order(), entries.Keys.Order());
        Assert.Equal((1, 2), (version.Removed, version.Duplicates));
        ListLine error = await Reading.ErrorAsync($"type,value,op\nmd5,{a},drop\n");
        Assert.Equal("op is 'drop': it must be upsert or delete", error.Error);
    }

    [Fact]
    public async Task A_file_that_withdraws_all_it_says_is_refused()
    {
        string a = Hex(HashType.Md5);
        await using Tests.Matching.CatalogFixture fixture = await Tests.Matching.CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        using MemoryStream file = new(Shapes.Bytes($"type,value,op\nmd5,{a},upsert\nmd5,{a},delete\n"));
        CatalogResult<StageResult> result = await fixture.Catalog.StageAsync(
            "l",
            HashListReader.ReadAsync(file, new ListReadOptions(), TestContext.Current.CancellationToken),
            new StageOptions(),
            null,
            TestContext.Current.CancellationToken);
        Tests.Matching.CatalogFixture.Refused(CatalogError.Invalid, result);
        Assert.Contains("every entry is withdrawn", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, await fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task HMAs_lines_name_their_type()
    {
        (string pdq, string md5, string sha256) = (Hex(HashType.Pdq), Hex(HashType.Md5), Hex(HashType.Sha256));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            $"pdq {pdq}\r\nvideo_md5 {md5}\r\n\r\nsha256\t{sha256}\nphotodna 1,2,3\nurl https://example.org/a b\n");
        Assert.Equal(new[] { $"pdq:{pdq}", $"md5:{md5}", $"sha256:{sha256}" }.Order(), entries.Keys.Order());
        Assert.Equal([new LeftOutCount("photodna", 1), new LeftOutCount("url", 1)], version.LeftOut);

        // A comma in the first line makes no CSV of it.
        Assert.Single(await Reading.EntriesAsync($"raw_text hello, world\npdq {pdq}\n"));
        Assert.Contains("type is 'pqd'", (await Reading.ErrorAsync($"pqd {pdq}\n")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n", "")]
    [InlineData("\r\n", "\uFEFF")]
    public async Task Icse_is_told_by_its_header_and_read(string end, string mark)
    {
        (string md5, string sha1) = (Hex(HashType.Md5), Hex(HashType.Sha1));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            $"{mark}\"MD5\";SHA1;PhotoDNA;Category;Whatever;ID{end}"
            + $"{md5.ToUpperInvariant()};\"{sha1}\";AAEC;1;\"a;\"\"b\"\"\";77{end}{end};{sha1};;2;;78{end}");
        Assert.Equal(new[] { $"md5:{md5}", $"sha1:{sha1}" }.Order(), entries.Keys.Order());
        Assert.Equal(
            ("77", "1"), (entries[$"md5:{md5}"].ExternalId, entries[$"md5:{md5}"].Classification));
        Assert.Equal(
            ("78", "2"), (entries[$"sha1:{sha1}"].ExternalId, entries[$"sha1:{sha1}"].Classification));
        Assert.Equal([new LeftOutCount("photodna", 1)], version.LeftOut);
    }

    [Theory]
    [InlineData("MD5;SHA1\nabc;\n", 2, "record 1: md5 value has 3 hex digits")]
    [InlineData("MD5;SHA1\n;\n", 2, "record 1: it has no hash")]
    [InlineData("MD5;SHA1\na;b;c;d\n", 2, "record 1: the line has 4 fields; the header names 2")]
    [InlineData("MD5;SHA1\na\"b;\n", 2, "quote")]
    [InlineData("A;B\nx;y\n", 1, "the header has none of the columns")]
    public async Task A_bad_line_of_Icse_is_named(string file, long line, string reason)
    {
        ListLine error = await Reading.ErrorAsync(file, new ListReadOptions { Format = ListFileFormat.Icse });
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    private string Hex(HashType type) => Shapes.Hex(_random, type);
}
