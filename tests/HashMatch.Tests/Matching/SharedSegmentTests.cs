using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>A file that says nearly what the active version holds becomes a version that shares its segments.</summary>
public sealed class SharedSegmentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_file_shares_with_the_active_version_its_version_holds_what_it_says()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        int lists = 0;
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                string name = $"l{Interlocked.Increment(ref lists)}";
                List<HashEntry> entries = Entries(random, random.Next(1, 600));
                await fixture.LoadAsync(name, entries);
                for (int round = 0; round < 3; round++)
                {
                    // From nothing to most of it.
                    int changes = random.Next(1 + (entries.Count / random.Next(1, 40)));
                    for (int i = 0; i < changes; i++)
                    {
                        int at = random.Next(entries.Count);
                        entries[at] = random.Next(3) == 0
                            ? entries[at] with { Note = $"note {i}" }
                            : Samples.Entry(random, HashType.Pdq);
                    }

                    HashEntry[] shuffled = [.. entries];
                    random.Shuffle(shuffled);
                    HashList list = await fixture.LoadAsync(name, shuffled);
                    Dictionary<EntryKey, HashEntry> expected = entries.ToDictionary(Samples.KeyOf);
                    Assert.Equal(expected, await fixture.EntriesAsync(name, list.ActiveVersion));
                    if (random.Next(2) == 0)
                    {
                        HashEntry added = Samples.Entry(random, HashType.Md5);
                        entries.Add(added);
                        CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync(name, [added], Token));
                    }
                }
            },
            iter: 12,
            threads: 2);
    }

    [Fact]
    public async Task A_file_that_differs_a_little_writes_what_differs()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        List<HashEntry> entries = Entries(new Random(1), 2_000);
        HashList list = await fixture.LoadAsync("l", entries);
        VersionManifest before = await fixture.ManifestAsync("l", list.ActiveVersion);
        Assert.True(before.Base.Count > 5);

        HashEntry gone = entries[7];
        entries.RemoveAt(7);
        entries[500] = entries[500] with { Classification = "A2" };
        entries.Add(Samples.Entry(new Random(2), HashType.Sha1));
        VersionManifest after = await fixture.ManifestAsync("l", (await fixture.LoadAsync("l", entries)).ActiveVersion);

        Assert.Equal(before.Base, after.Base);
        Assert.Equal(3, Assert.Single(after.Deltas).Rows);
        Assert.DoesNotContain(Samples.KeyOf(gone), (await fixture.EntriesAsync("l", 2)).Keys);

        // Two manifests, the base, one delta: nothing that was put aside stays.
        Assert.Equal(2 + before.Base.Count + 1, await fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task The_same_file_again_writes_no_segment()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        List<HashEntry> entries = Entries(new Random(3), 50);
        HashList list = await fixture.LoadAsync("l", entries);
        VersionManifest before = await fixture.ManifestAsync("l", list.ActiveVersion);
        list = await fixture.LoadAsync("l", entries);
        VersionManifest after = await fixture.ManifestAsync("l", list.ActiveVersion);
        Assert.Equal(2, list.ActiveVersion);
        Assert.Equal(before.Base, after.Base);
        Assert.Empty(after.Deltas);
    }

    [Fact]
    public async Task A_few_changes_to_a_version_write_what_they_say()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        List<HashEntry> entries = Entries(new Random(4), 1_000);
        HashList list = await fixture.LoadAsync("l", entries);
        VersionManifest before = await fixture.ManifestAsync("l", list.ActiveVersion);
        HashEntry added = Samples.Entry(new Random(5), HashType.Pdq);
        ListVersion changed = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l",
            new[]
            {
                new ListLine(1, added, null),
                new ListLine(2, null, null) { Removed = Samples.KeyOf(entries[3]) },
                new ListLine(3, null, null) { Removed = Samples.KeyOf(Samples.Entry(new Random(6), HashType.Md5)) },
            }.ToAsyncEnumerable(),
            new StageOptions { OntoVersion = list.ActiveVersion },
            null,
            Token)).Version!;
        VersionManifest after = await fixture.ManifestAsync("l", changed.Number);
        Assert.Equal(before.Base, after.Base);
        Assert.Equal(2, Assert.Single(after.Deltas).Rows);
        Assert.Equal(1, changed.Removed);
        Assert.Equal(1_000, changed.Entries.Total);
    }

    [Fact]
    public async Task A_broken_active_version_is_replaced_by_a_file_that_says_the_same()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        List<HashEntry> entries = Entries(new Random(7), 50);
        HashList list = await fixture.LoadAsync("l", entries);
        VersionManifest broken = await fixture.ManifestAsync("l", list.ActiveVersion);
        await fixture.Store.DeleteBlobsAsync("l", [broken.Base[0].Id], Token);
        list = await fixture.LoadAsync("l", entries);
        Assert.Equal(entries.ToDictionary(Samples.KeyOf), await fixture.EntriesAsync("l", list.ActiveVersion));
    }

    [Fact]
    public async Task A_version_that_goes_while_another_would_share_it_is_not_missed()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        List<HashEntry> entries = Entries(new Random(8), 300);
        await fixture.LoadAsync("l", entries);
        Dictionary<EntryKey, HashEntry> expected = entries.ToDictionary(Samples.KeyOf);

        // Edits are pruned with what they held alone; each is what a file of this moment would share.
        Task editing = Task.Run(
            async () =>
            {
                Random random = new(9);
                for (int i = 0; i < 120; i++)
                {
                    CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync(
                        "l", [Samples.Entry(random, HashType.Pdq)], Token));
                }
            },
            Token);
        do
        {
            ListVersion staged = await fixture.StageAsync("l", entries);
            Assert.Equal(expected, await fixture.EntriesAsync("l", staged.Number));
        }
        while (!editing.IsCompleted);
        await editing;
    }

    private static List<HashEntry> Entries(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Samples.Entry(
            random, (HashType)random.Next((int)HashType.Pdq, (int)HashType.Sha256 + 1), $"e{i}"))];
}
