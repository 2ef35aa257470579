using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class EntryEditTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Edits_come_to_what_a_dictionary_comes_to()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(
            limits: new StagingLimits { SegmentBytes = 2 * PackedRow.MaxBytes });
        int lists = 0;
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                string name = $"l{Interlocked.Increment(ref lists)}";
                List<HashEntry> pool =
                    [.. Enumerable.Range(0, 300).Select(_ => Samples.Entry(random, Samples.Type(random)))];
                Dictionary<EntryKey, HashEntry> model = pool[..random.Next(1, 200)].ToDictionary(Samples.KeyOf);
                await fixture.LoadAsync(name, model.Values);
                for (int step = 0; step < 12; step++)
                {
                    HashEntry[] chosen =
                    [
                        .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => pool[random.Next(pool.Count)] with
                        {
                            ExternalId = $"{step}",
                            Note = $"note {step}",
                        }),
                    ];
                    await StepAsync(fixture, name, random.Next(2) == 0, chosen, model);
                }

                HashList list = await fixture.ReadAsync(name);
                Dictionary<EntryKey, HashEntry> stored = await fixture.EntriesAsync(name, list.ActiveVersion);
                Assert.Equal(model.Keys.Order(), stored.Keys.Order());
                Assert.All(model, pair => Assert.Equal(pair.Value, stored[pair.Key]));
                Assert.Equal(model.Count, list.Versions[0].Entries.Total);
            },
            iter: 8,
            threads: 2);
    }

    [Fact]
    public async Task Many_edits_are_merged_and_old_ones_deleted()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        Random random = new(1);
        List<HashEntry> entries = [.. Enumerable.Range(0, 90).Select(_ => Samples.Entry(random, HashType.Pdq))];
        await fixture.LoadAsync("l", entries[0]);
        foreach (HashEntry entry in entries[1..])
        {
            CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("l", [entry], Token));
        }

        HashList list = await fixture.ReadAsync("l");
        Assert.Equal(90, list.ActiveVersion);
        Assert.Equal(90, list.Versions[0].Entries.Pdq);
        Assert.InRange(
            list.Versions.Count(v => v.IsEdit), ListTransitions.KeptEdits, (2 * ListTransitions.KeptEdits) + 1);
        Assert.Contains(list.Versions, v => v.Number == 1);
        VersionManifest manifest = await fixture.ManifestAsync("l", 90);
        Assert.InRange(manifest.Deltas.Count, 1, ContentEdit.MaxDeltas);

        HashSet<string> named = [];
        foreach (ListVersion version in list.Versions)
        {
            VersionManifest kept = await fixture.ManifestAsync("l", version.Number);
            named.Add(version.ManifestId);
            named.UnionWith(kept.Base.Concat(kept.Deltas).Select(s => s.Id));
            Assert.Equal(version.Entries.Total, (await fixture.EntriesAsync("l", version.Number)).Count);
        }

        Assert.Equal(named.Count, await fixture.CountBlobsAsync("l"));
        Assert.Equal(89, CatalogFixture.Value(await fixture.Catalog.RollBackAsync("l", null, 90, Token)).ActiveVersion);
    }

    [Fact]
    public async Task Large_edits_roll_into_the_base()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(
            limits: new StagingLimits { SegmentBytes = 256 * 1024 });
        Random random = new(2);
        List<HashEntry> loaded = Many(random, 20_000);
        Dictionary<EntryKey, HashEntry> model = loaded.ToDictionary(Samples.KeyOf);
        await fixture.LoadAsync("l", loaded);
        VersionManifest loadedManifest = await fixture.ManifestAsync("l", 1);
        for (int i = 0; i < 10; i++)
        {
            List<HashEntry> added = Many(random, 7500);
            CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("l", added, Token));
            added.ForEach(entry => model[Samples.KeyOf(entry)] = entry);
            EntryKey[] removed = [.. model.Keys.Where(_ => random.Next(200) == 0)];
            EditResult result = CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync("l", removed, Token));
            Assert.Equal(removed.Length, result.Removed);
            Array.ForEach(removed, key => model.Remove(key));
        }

        HashList list = await fixture.ReadAsync("l");
        VersionManifest manifest = await fixture.ManifestAsync("l", list.ActiveVersion);
        Assert.NotEqual(loadedManifest.Base, manifest.Base);
        Assert.True(manifest.Deltas.Sum(delta => delta.Rows) <= ContentEdit.MaxDeltaRows);
        Dictionary<EntryKey, HashEntry> stored = await fixture.EntriesAsync("l", list.ActiveVersion);
        Assert.Equal(model.Count, stored.Count);
        Assert.All(stored, pair => Assert.Equal(model[pair.Key], pair.Value));
    }

    [Fact]
    public async Task Editors_that_race_all_get_through()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.LoadAsync("l", Samples.Entry(new Random(0), HashType.Pdq));
        HashEntry[] added = [.. Enumerable.Range(1, 12).Select(i => Samples.Entry(new Random(i), HashType.Md5))];
        await Task.WhenAll(added.Select(entry => Task.Run(
            async () => CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("l", [entry], Token)), Token)));
        HashList list = await fixture.ReadAsync("l");
        Dictionary<EntryKey, HashEntry> stored = await fixture.EntriesAsync("l", list.ActiveVersion);
        Assert.All(added, entry => Assert.True(stored.ContainsKey(Samples.KeyOf(entry))));
        Assert.Equal(13, stored.Count);
    }

    [Fact]
    public async Task A_bad_entry_refuses_the_edit_by_its_place()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        Random random = new(3);
        HashEntry good = Samples.Entry(random, HashType.Pdq);
        await fixture.LoadAsync("l", good);
        CatalogResult<EditResult> result = await fixture.Catalog.AddEntriesAsync(
            "l", [good, good with { Value = default }], Token);
        CatalogFixture.Refused(CatalogError.Invalid, result);
        Assert.Equal("entries[1]", result.Field);
        CatalogFixture.Refused(CatalogError.Invalid, await fixture.Catalog.AddEntriesAsync("l", [], Token));
        CatalogFixture.Refused(CatalogError.Invalid, await fixture.Catalog.RemoveEntriesAsync("l", [default], Token));
        CatalogFixture.Refused(CatalogError.Invalid, await fixture.Catalog.AddEntriesAsync(
            "l", [.. Enumerable.Repeat(good, ListCatalog.MaxEditEntries + 1)], Token));
        Assert.Single((await fixture.ReadAsync("l")).Versions);
    }

    [Fact]
    public async Task Removing_what_is_not_there_changes_nothing_and_removing_all_leaves_an_empty_version()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        Random random = new(4);
        HashEntry only = Samples.Entry(random, HashType.Pdq);
        HashList before = await fixture.LoadAsync("l", only);
        EntryKey missing = new(HashType.Md5, Samples.Value(random, HashType.Md5));
        EditResult result = CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync("l", [missing], Token));
        Assert.Equal((0, 1, before.Revision), (result.Removed, result.Missing, result.List.Revision));

        result = CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync(
            "l", [missing, Samples.KeyOf(only)], Token));
        Assert.Equal((1, 1, 0), (result.Removed, result.Missing, result.List.Versions[0].Entries.Total));
        CurrentIndex index = new();
        using ListReplica replica = new(fixture.Store, index, TimeProvider.System);
        Assert.True(await replica.RefreshAsync(Token));
        Assert.False(index.Value!.Holds(HashType.Pdq));
        result = CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("l", [only], Token));
        Assert.Equal((1, 0), (result.Added, result.Replaced));
    }

    private static async Task StepAsync(
        CatalogFixture fixture, string name, bool adds, HashEntry[] chosen, Dictionary<EntryKey, HashEntry> model)
    {
        EntryKey[] keys = [.. chosen.Select(Samples.KeyOf).Distinct()];
        int known = keys.Count(model.ContainsKey);
        if (adds)
        {
            EditResult added = CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync(name, chosen, Token));
            Assert.Equal((keys.Length - known, known), (added.Added, added.Replaced));
            Array.ForEach(chosen, entry => model[Samples.KeyOf(entry)] = entry);
        }
        else
        {
            EditResult removed = CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync(
                name, [.. chosen.Select(Samples.KeyOf)], Token));
            Assert.Equal((known, keys.Length - known), (removed.Removed, removed.Missing));
            Array.ForEach(keys, key => model.Remove(key));
        }
    }

    private static List<HashEntry> Many(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Samples.Entry(random, HashType.Md5, "id"))];
}
