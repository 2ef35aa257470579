using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class NcmecTests
{
    private readonly Random _random = new(21);

    [Fact]
    public async Task A_record_becomes_an_entry_for_each_hash_that_can_be_matched()
    {
        (string md5, string sha1, string pdq) = (Hex(HashType.Md5), Hex(HashType.Sha1), Hex(HashType.Pdq));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(Shapes.NcmecPage(
            [
                Shapes.NcmecRecord(
                    "image", "42", "i1", "A1", ("md5", md5), ("sha1", sha1), ("pdna", "abc..."), ("pdq", pdq)),
            ],
            [Shapes.NcmecRecord("video", "43", "v1", "B2", ("md5", Hex(HashType.Md5)), ("tmk-pdqf", ""))]));
        Assert.Equal(4, entries.Count);
        Assert.All(
            [$"md5:{md5}", $"sha1:{sha1}", $"pdq:{pdq}"],
            key => Assert.Equal(("42-i1", "A1", ""), Labels(entries[key])));
        Assert.Contains(("43-v1", "B2", "video"), entries.Values.Select(Labels));
        Assert.Equal([new LeftOutCount("photodna", 1), new LeftOutCount("tmk", 1)], version.LeftOut);
    }

    [Fact]
    public async Task A_deleted_record_takes_its_hashes_along_and_nobody_elses()
    {
        (string shared, string own) = (Hex(HashType.Md5), Hex(HashType.Sha1));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(Shapes.NcmecPage(
            [
                Shapes.NcmecRecord("image", "42", "i1", "A1", ("md5", shared)),
                Shapes.NcmecRecord("image", "43", "i1", "A2", ("md5", shared), ("sha1", own)),
                Shapes.NcmecDeleted("deletedImage", "43", "i1"),
            ],
            []));
        Assert.Equal([$"md5:{shared}"], entries.Keys);
        Assert.Equal(("42-i1", "A1", ""), Labels(entries[$"md5:{shared}"]));
        Assert.Equal(1, version.Removed);
    }

    [Fact]
    public async Task A_record_stated_again_loses_the_hashes_that_it_no_longer_has()
    {
        (string old, string kept) = (Hex(HashType.Md5), Hex(HashType.Sha1));
        string first = Shapes.NcmecPage(
            [Shapes.NcmecRecord("image", "42", "i1", "A1", ("md5", old), ("sha1", kept))],
            [],
            "/v2/entries?from=1&to=2");
        string second = Shapes.NcmecPage([Shapes.NcmecRecord("image", "42", "i1", "A2", ("sha1", kept))], []);
        (_, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync($"{first}\uFEFF{second}");
        Assert.Equal([$"sha1:{kept}"], entries.Keys);
        Assert.Equal("A2", entries.Values.Single().Classification);
    }

    [Fact]
    public async Task A_record_deleted_and_stated_again_is_back()
    {
        string md5 = Hex(HashType.Md5);
        (_, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            Shapes.NcmecPage([Shapes.NcmecDeleted("deletedImage", "42", "i1")], [])
            + Shapes.NcmecPage([Shapes.NcmecRecord("image", "42", "i1", "B1", ("md5", md5))], []));
        Assert.Equal([$"md5:{md5}"], entries.Keys);
    }

    [Fact]
    public async Task One_bad_hash_refuses_its_record_and_names_it()
    {
        string page = Shapes.NcmecPage(
            [
                Shapes.NcmecRecord("image", "42", "i1", "A1", ("md5", Hex(HashType.Md5))),
                Shapes.NcmecRecord("image", "42", "i2", "A1", ("sha1", Hex(HashType.Sha1)), ("md5", "abc")),
            ],
            []);
        List<ListLine> lines = await Reading.LinesAsync(page);
        ListLine error = Assert.Single(lines, line => line.Error is not null);
        Assert.Equal("record 2: md5 value has 3 hex digits; md5 has 32", error.Error);
        Assert.Equal(page.Split('\n').Index().Last(line => line.Item.Contains("<image>")).Index + 1, error.Line);
        Assert.Equal(["42-i1"], lines.Where(line => line.Entry is not null).Select(line => line.Record));
    }

    [Theory]
    [InlineData("<image><member id='1'/></image>", "it has no id")]
    [InlineData("<image><id>7</id></image>", "it has no member")]
    [InlineData("<image/>", "it has no id")]
    [InlineData("<image><member id='1'/><id>7</id><classification>A1</image>", "this is no XML")]
    [InlineData("<image><member id='1'/>", "this is no XML")]
    [InlineData("<image><member id='1'/><id>7</id><x>&lol;</x></image>", "this is no XML")]
    public async Task A_record_that_is_none_says_why(string record, string reason)
    {
        ListLine error = await Reading.ErrorAsync(
            "<queryResult xmlns='https://hashsharing.ncmec.org/hashsharing/v2'><images>"
            + $"{record}</images></queryResult>");
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "DTD")]
    [InlineData("<queryResult/>", "the root is 'queryResult' of the namespace ''")]
    [InlineData("<html xmlns='http://www.w3.org/1999/xhtml'/>", "the root is 'html'")]
    [InlineData("<queryResult xmlns='https://hashsharing.ncmec.org/hashsharing/v2'><images>", "the file is cut off")]
    public async Task A_file_that_is_none_says_why(string file, string reason)
    {
        ListLine error = await Reading.ErrorAsync(file, new ListReadOptions { Format = ListFileFormat.Ncmec });
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_without_an_end_is_refused_within_bounds()
    {
        string start = "<queryResult xmlns='https://hashsharing.ncmec.org/hashsharing/v2'><images a='";
        ListLine error = await Reading.ErrorAsync(start + new string('x', 3_000_000));
        Assert.Contains("over 1048576 bytes", error.Error, StringComparison.Ordinal);
        string deep = start[..^4] + ">" + string.Concat(Enumerable.Repeat("<a>", 100));
        Assert.Contains("deep", (await Reading.ErrorAsync(deep)).Error, StringComparison.Ordinal);
    }

    private static (string ExternalId, string Classification, string Note) Labels(HashEntry entry) =>
        (entry.ExternalId, entry.Classification, entry.Note);

    private string Hex(HashType type) => Shapes.Hex(_random, type);
}
