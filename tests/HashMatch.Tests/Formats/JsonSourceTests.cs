using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class JsonSourceTests
{
    private readonly Random _random = new(22);

    [Fact]
    public async Task StopNcii_keeps_what_is_received_or_active_and_drops_what_is_withdrawn_or_deleted()
    {
        string[] pdq = [.. Enumerable.Range(0, 5).Select(_ => Hex(HashType.Pdq))];
        string md5 = Hex(HashType.Md5);
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            Shapes.StopNciiPage(
                Shapes.StopNciiRecord("ImagePDQ", pdq[0], "Received", "case-1", "case-2"),
                Shapes.StopNciiRecord("ImagePDQ", pdq[1], "Active", "case-3"),
                Shapes.StopNciiRecord("ImagePDQ", pdq[2], "Active", "case-4"),
                Shapes.StopNciiRecord("ImagePDQ", pdq[3], "Withdrawn", "case-5"),
                Shapes.StopNciiRecord("VideoMD5", md5, "Active", "case-6"),
                Shapes.StopNciiRecord("VideoTMK", "AAAA", "Active", "case-7"))
            + "\n"
            + Shapes.StopNciiPage(
                Shapes.StopNciiRecord("ImagePDQ", pdq[2].ToUpperInvariant(), "Deleted", "case-4"),
                Shapes.StopNciiRecord("ImagePDQ", pdq[3], "Active", "case-5")));
        Assert.Equal(
            new[] { $"pdq:{pdq[0]}", $"pdq:{pdq[1]}", $"pdq:{pdq[3]}", $"md5:{md5}" }.Order(), entries.Keys.Order());
        HashEntry first = entries[$"pdq:{pdq[0]}"];
        Assert.Equal(("case-1", "Received"), (first.ExternalId, first.Classification));
        Assert.Equal("cases: case-1, case-2; feedback: Some Platform Blocked", first.Note);
        Assert.Equal([new LeftOutCount("VideoTMK", 1)], version.LeftOut);
        Assert.Equal(1, version.Removed);
    }

    [Fact]
    public async Task ThreatExchange_says_what_its_members_say()
    {
        string[] pdq = [.. Enumerable.Range(0, 6).Select(_ => Hex(HashType.Pdq))];
        string page = Shapes.ThreatExchangePage(
            Shapes.ThreatUpdate(1, "HASH_PDQ", pdq[0], false, ("MALICIOUS", "7", ["b", "a"])),
            Shapes.ThreatUpdate(2, "HASH_PDQ", pdq[1], false, ("MALICIOUS", "7", []), ("NON_MALICIOUS", "8", [])),
            Shapes.ThreatUpdate(3, "HASH_PDQ", pdq[2], false, ("NON_MALICIOUS", "8", [])),
            Shapes.ThreatUpdate(4, "HASH_PDQ", pdq[3], false, ("SUSPICIOUS", "8", []), ("UNKNOWN", "9", [])),
            Shapes.ThreatUpdate(5, "HASH_PDQ", pdq[4], true),
            Shapes.ThreatUpdate(6, "HASH_TMK", "x", false, ("MALICIOUS", "7", [])),
            new
            {
                id = "7",
                indicator = pdq[5],
                type = "HASH_PDQ",
                should_delete = false,
                descriptors = new
                {
                    data = new object[]
                    {
                        new
                        {
                            status = "MALICIOUS",
                            owner = new { id = "7" },
                            tags = new { data = new[] { new { text = "t" } } },
                            reactions = new[] { new { key = "DISAGREE_WITH_TAGS", value = "7,9" } },
                        },
                    },
                },
            });
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(page);
        Assert.Equal(
            new Dictionary<string, string>
            {
                [$"pdq:{pdq[0]}"] = "MALICIOUS",
                [$"pdq:{pdq[1]}"] = "DISPUTED",
                [$"pdq:{pdq[3]}"] = "SUSPICIOUS",
                [$"pdq:{pdq[5]}"] = "DISPUTED",
            },
            entries.ToDictionary(pair => pair.Key, pair => pair.Value.Classification));
        Assert.Equal(("1", "tags: a, b"), (entries[$"pdq:{pdq[0]}"].ExternalId, entries[$"pdq:{pdq[0]}"].Note));
        Assert.Equal([new LeftOutCount("HASH_TMK", 1)], version.LeftOut);
    }

    [Theory]
    [InlineData("HASH_PDQ", "pdq")]
    [InlineData("HASH_MD5", "md5")]
    [InlineData("HASH_VIDEO_MD5", "md5")]
    [InlineData("HASH_SHA1", "sha1")]
    [InlineData("HASH_SHA256", "sha256")]
    [InlineData("HASH_PDQ_OCR", null)]
    [InlineData("MD5", null)]
    [InlineData("URI", null)]
    public async Task ThreatExchange_names_types_its_own_way(string name, string? type)
    {
        string value = Hex(TypeNames.TryParse(type, out HashType known) ? known : HashType.Pdq);
        ListLine line = Assert.Single(await Reading.LinesAsync(
            Shapes.ThreatExchangePage(Shapes.ThreatUpdate(1, name, value, false, ("MALICIOUS", "1", [])))));
        Assert.Equal(type, line.Entry is null ? null : TypeNames.Of(line.Entry.Type));
        Assert.Equal(type is null ? name : null, line.LeftOut?.Type);
    }

    [Fact]
    public async Task Tech_Against_Terrorism_is_read_with_its_deletions()
    {
        (string md5, string pdq, string gone) = (Hex(HashType.Md5), Hex(HashType.Pdq), Hex(HashType.Sha256));
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(Shapes.TatPage(
            Shapes.TatRecord(1, "MD5", md5, "islamist", false),
            Shapes.TatRecord(2, "PDQ", pdq, "far-right", "False"),
            Shapes.TatRecord(3, "SHA256", gone, "far-right", false),
            Shapes.TatRecord(3, "SHA256", gone, "far-right", "true"),
            Shapes.TatRecord(4, "TLSH", "T1", "islamist", false)));
        Assert.Equal(new[] { $"md5:{md5}", $"pdq:{pdq}" }.Order(), entries.Keys.Order());
        HashEntry entry = entries[$"md5:{md5}"];
        Assert.Equal(("1", "islamist", "file type: mp4"), (entry.ExternalId, entry.Classification, entry.Note));
        Assert.Equal([new LeftOutCount("TLSH", 1)], version.LeftOut);
    }

    [Theory]
    [InlineData("")]
    [InlineData("VIC_US")]
    public async Task A_vics_category_that_is_no_number_has_no_meaning_in_a_region(string scheme)
    {
        string file = Shapes.VicsSet(Shapes.VicsMedia(1, "CAT1", Hex(HashType.Md5), null));
        List<ListLine> lines = await Reading.LinesAsync(file, new ListReadOptions { Categories = scheme });
        Assert.Equal(scheme.Length == 0, Assert.Single(lines).Error is null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("VIC_US")]
    [InlineData("CAID_UK")]
    public async Task Vics_categories_mean_what_their_region_says(string scheme)
    {
        string[] md5 = [.. Enumerable.Range(0, 4).Select(_ => Hex(HashType.Md5))];
        string sha1 = Hex(HashType.Sha1);
        (ListVersion version, Dictionary<string, HashEntry> entries) = await Reading.LoadAsync(
            Shapes.VicsSet(
                Shapes.VicsMedia(11, 1, md5[0], sha1, "AAECAw=="),
                Shapes.VicsMedia("12", "2", md5[1], null),
                Shapes.VicsMedia(13, 5, md5[2], null),
                Shapes.VicsMedia(14, 3, md5[3], ""),
                Shapes.VicsMedia(15, 3, md5[3], null)),
            new ListReadOptions { Categories = scheme });
        string[] labels = scheme switch
        {
            "VIC_US" => ["VIC_US 1: child abuse material", "VIC_US 2: child exploitive, age difficult"],
            "CAID_UK" => ["CAID_UK 1: category A", "CAID_UK 2: category B"],
            _ => ["category 1", "category 2"],
        };
        HashEntry first = entries[$"md5:{md5[0]}"];
        Assert.Equal(("11", labels[0], "victim identified"), (first.ExternalId, first.Classification, first.Note));
        Assert.Equal("11", entries[$"sha1:{sha1}"].ExternalId);
        Assert.Equal(labels[1], entries[$"md5:{md5[1]}"].Classification);
        Assert.Equal(scheme != "VIC_US", entries.ContainsKey($"md5:{md5[2]}"));
        Assert.Equal("15", entries[$"md5:{md5[3]}"].ExternalId);
        Assert.Equal(1, version.Duplicates);
        Assert.Equal(
            scheme == "VIC_US"
                ? [new LeftOutCount("VIC_US 5: non-pertinent", 1), new LeftOutCount("photodna", 1)]
                : [new LeftOutCount("photodna", 1)],
            version.LeftOut);
    }

    [Fact]
    public async Task A_case_export_is_walked_however_its_media_lie()
    {
        object[][] cases = [.. Enumerable.Range(0, 3).Select(i => Enumerable.Range(0, 40)
            .Select(j => Shapes.VicsMedia((100 * i) + j, 1, Hex(HashType.Md5), Hex(HashType.Sha1))).ToArray())];
        Assert.Equal(240, (await Reading.EntriesAsync(Shapes.VicsCases(cases))).Count);
        Assert.Equal(240, (await Reading.EntriesAsync(
            $"{{\"Cases\":[{string.Join(',', cases.Select(each => $"{{\"Media\":{Json(each)}}}"))}]}}")).Count);
        Assert.Equal(80, (await Reading.EntriesAsync($"\uFEFF{{\"CaseID\":1,\"Media\":{Json(cases[0])}}}")).Count);
        Assert.Equal(80, (await Reading.EntriesAsync(Json(cases[0]))).Count);
        Assert.Equal(
            80, (await Reading.EntriesAsync(string.Join("\r\n", cases[0].Select(media => Json(media))))).Count);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("[{0},{0}]")]
    [InlineData("{{\"threat_updates\":{0},\"id\":\"5\"}}")]
    [InlineData("{{\"id\":\"5\",\"threat_updates\":[{0}]}}")]
    [InlineData("{0}\r\n\uFEFF{0}")]
    public async Task Pages_may_lie_in_each_other_or_follow_each_other(string around)
    {
        string pdq = Hex(HashType.Pdq);
        string page = Shapes.ThreatExchangePage(
            Shapes.ThreatUpdate(1, "HASH_PDQ", pdq, false, ("MALICIOUS", "7", ["a"])));
        List<HashEntry> entries = await Reading.EntriesAsync(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, around, page));
        Assert.NotEmpty(entries);
        Assert.All(entries, entry => Assert.Equal("MALICIOUS", entry.Classification));
    }

    [Fact]
    public async Task Texts_of_any_length_that_nobody_asks_for_are_passed_over()
    {
        string md5 = Hex(HashType.Md5);
        string thumbnail = new('A', 5_000_000);
        string record = $"{{\"MediaID\":1,\"Thumbnail\":\"{thumbnail}\\\"\",\"Category\":1,\"MD5\":\"{md5}\"}}";
        HashEntry entry = Assert.Single(await Reading.EntriesAsync($"{{\"value\":[{record}]}}"));
        Assert.Equal(md5, entry.Value.ToHex(HashType.Md5));
        ListLine bad = await Reading.ErrorAsync($"{{\"value\":[{record.Replace(md5, thumbnail)}]}}");
        Assert.Contains("record 1: md5 value has", bad.Error, StringComparison.Ordinal);
    }

    private static string Json(object value) => System.Text.Json.JsonSerializer.Serialize(value);

    private string Hex(HashType type) => Shapes.Hex(_random, type);
}
