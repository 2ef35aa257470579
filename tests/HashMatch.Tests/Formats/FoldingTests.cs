using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Tests.Matching;
using Xunit;

namespace HashMatch.Tests.Formats;

/// <summary>What removals and records come to, against a dictionary that does the same one by one.</summary>
public sealed class FoldingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_word_on_a_key_counts_across_spills_and_changes()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        int lists = 0;
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                HashEntry[] pool = Pool(random, 150);
                string name = $"l{Interlocked.Increment(ref lists)}";
                await fixture.CreateAsync(name);
                Dictionary<EntryKey, HashEntry> expected = [];
                long onto = 0;
                for (int round = 0; round < 3; round++)
                {
                    List<ListLine> lines = Lines(random, pool, random.Next(200, 900), expected);
                    ListVersion version = await StageAsync(fixture, name, lines, onto);
                    Assert.Equal(expected, await fixture.EntriesAsync(name, version.Number));
                    onto = version.Number;
                    if (round == 0)
                    {
                        // Deltas lie over what is changed next.
                        await fixture.ActivateAsync(name, onto);
                        HashEntry edited = pool[0] with { Note = "edited" };
                        CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync(name, [edited], Token));
                        expected[Samples.KeyOf(edited)] = edited;
                        EntryKey gone = Samples.KeyOf(pool[1]);
                        CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync(name, [gone], Token));
                        expected.Remove(gone);
                        onto = (await fixture.ReadAsync(name)).ActiveVersion;
                    }
                }
            },
            iter: 8,
            threads: 2);
    }

    [Fact]
    public async Task Records_are_folded_before_their_hashes()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        int lists = 0;
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                HashEntry[] pool = Pool(random, 60);
                Dictionary<string, EntryKey[]> records = [];
                List<ListLine> lines = [];
                for (int i = 1; i < 400; i++)
                {
                    string record = $"r{random.Next(80)}";
                    HashEntry[] held = [.. random.GetItems(pool, random.Next(4)).Distinct()
                        .Select(entry => entry with { ExternalId = record, Classification = $"c{i}" })];
                    lines.Add(new ListLine(i, null, null) { Record = record });
                    lines.AddRange(held.Select(entry => new ListLine(i, entry, null) { Record = record }));
                    records[record] = [.. held.Select(Samples.KeyOf)];
                }

                string name = $"l{Interlocked.Increment(ref lists)}";
                await fixture.CreateAsync(name);
                ListVersion version = await StageAsync(fixture, name, lines, 0);
                Dictionary<EntryKey, HashEntry> entries = await fixture.EntriesAsync(name, version.Number);
                Assert.Equal(records.Values.SelectMany(keys => keys).Distinct().Order(), entries.Keys.Order());
                Assert.All(entries, pair => Assert.Contains(pair.Key, records[pair.Value.ExternalId]));

                // As changes: what a record no longer has goes, others' entries stay.
                string restated = entries.Values.First().ExternalId;
                HashEntry added = Samples.Entry(random, HashType.Md5, restated);
                ListVersion changed = await StageAsync(
                    fixture,
                    name,
                    [
                        new ListLine(1, null, null) { Record = restated },
                        new ListLine(1, added, null) { Record = restated },
                    ],
                    version.Number);
                Assert.Equal(
                    entries.Where(pair => pair.Value.ExternalId != restated).Select(pair => pair.Key)
                        .Append(Samples.KeyOf(added)).Order(),
                    (await fixture.EntriesAsync(name, changed.Number)).Keys.Order());
                Assert.Equal(entries.Values.Count(entry => entry.ExternalId == restated), changed.Removed);
            },
            iter: 8,
            threads: 2);
    }

    [Fact]
    public async Task Entries_of_one_record_share_their_labels_and_are_not_too_many()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        Random random = new(8);
        List<ListLine> lines = [new ListLine(1, null, null) { Record = "r" }];
        lines.AddRange(Enumerable.Range(2, 70).Select(i =>
            new ListLine(i, Samples.Entry(random, HashType.Sha256, i == 3 ? "another" : "r"), null) { Record = "r" }));
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l", lines.ToAsyncEnumerable(), new StageOptions { SkipInvalid = true }, null, Token));
        Assert.Equal(3, result.Errors[0].Line);
        Assert.Contains("other labels", result.Errors[0].Reason, StringComparison.Ordinal);
        Assert.All(
            result.Errors.Skip(1),
            error => Assert.Contains("too many hashes", error.Reason, StringComparison.Ordinal));
        Assert.Equal(70, result.Version!.Entries.Sha256 + result.ErrorCount);
        Assert.True(result.Version.Entries.Sha256 > 50);
    }

    [Fact]
    public async Task Changes_to_a_version_that_is_not_there_are_refused()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        CatalogResult<StageResult> result = await fixture.Catalog.StageAsync(
            "l",
            Samples.Lines([Samples.Entry(new Random(1), HashType.Md5)]),
            new StageOptions { OntoVersion = 7 },
            null,
            Token);
        CatalogFixture.Refused(CatalogError.VersionNotFound, result);
    }

    [Fact]
    public async Task A_bad_change_changes_nothing()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        Random random = new(9);
        await fixture.LoadAsync("l", Enumerable.Range(0, 100).Select(_ => Samples.Entry(random, HashType.Pdq)));
        int blobs = await fixture.CountBlobsAsync("l");
        List<ListLine> lines = [.. Enumerable.Range(1, 300).Select(i =>
            new ListLine(i, i == 290 ? null : Samples.Entry(random, HashType.Md5), i == 290 ? "bad" : null))];
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l", lines.ToAsyncEnumerable(), new StageOptions { OntoVersion = 1 }, null, Token));
        Assert.Null(result.Version);
        Assert.Single((await fixture.ReadAsync("l")).Versions);
        Assert.Equal(blobs, await fixture.CountBlobsAsync("l"));
    }

    private static HashEntry[] Pool(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Samples.Entry(random, (HashType)(1 + (i % 4))))];

    private static async Task<ListVersion> StageAsync(
        CatalogFixture fixture, string name, List<ListLine> lines, long onto)
    {
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            name, lines.ToAsyncEnumerable(), new StageOptions { OntoVersion = onto }, null, Token));
        Assert.Empty(result.Errors);
        return result.Version!;
    }

    private static List<ListLine> Lines(
        Random random, HashEntry[] pool, int count, Dictionary<EntryKey, HashEntry> expected)
    {
        List<ListLine> lines = [];
        for (int i = 1; i <= count; i++)
        {
            HashEntry entry = pool[random.Next(pool.Length)] with { Note = $"n{random.Next()}" };
            EntryKey key = Samples.KeyOf(entry);
            if (random.Next(3) == 0)
            {
                lines.Add(new ListLine(i, null, null) { Removed = key });
                expected.Remove(key);
            }
            else
            {
                lines.Add(new ListLine(i, entry, null));
                expected[key] = entry;
            }
        }

        return lines;
    }
}
