using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Lists of some size over a real store, by two who share it.</summary>
public abstract class ListCatalogContract : IAsyncLifetime
{
    private const int ManyEntries = 100_000;

    // Small, so that staging spills, merges and cuts segments as it does with many millions.
    private static readonly StagingLimits SmallLimits = new()
    {
        BufferBytes = 2 * 1024 * 1024,
        SpillBytes = 256 * 1024,
        MergeWidth = 4,
        SegmentBytes = 512 * 1024,
    };

    private IListStore _store = null!;
    private IListStore _otherStore = null!;
    private ListCatalog _catalog = null!;
    private ListCatalog _otherCatalog = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The address of an empty store.</summary>
    protected abstract Task<string> EmptyStoreAsync();

    public async ValueTask InitializeAsync()
    {
        string address = await EmptyStoreAsync();
        _store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        _otherStore = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        _catalog = new ListCatalog(_store, TimeProvider.System) { Limits = SmallLimits };
        _otherCatalog = new ListCatalog(_otherStore, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        // Null when the test was skipped.
        if (_store is not null)
            await _store.DisposeAsync();
        if (_otherStore is not null)
            await _otherStore.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Many_entries_are_staged_activated_and_followed_by_a_replica_of_another_store()
    {
        HashEntry[] entries = SampleEntries.Make(seed: 1, ManyEntries);
        await CreateAsync("a");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var index = new CurrentIndex();
        using var replica = new ListReplica(_otherStore, index, TimeProvider.System);
        Task following = replica.RunAsync(_ => { }, ending.Token);
        long version = await StageAsync(_catalog, "a", entries);
        Assert.True((await _catalog.ActivateAsync("a", version, 0, Cancellation)).IsOk);
        await Eventually.TrueAsync(
            () => index.Value?.Lists.SingleOrDefault()?.Content.Counts.Total == ManyEntries,
            "the replica has the version", Cancellation);
        Assert.Equal(StoredContent.Sorted(entries), await StoredContent.ReadAsync(_otherStore, "a", Cancellation));
        await ending.CancelAsync();
        await following;
    }

    [Fact]
    public async Task Nothing_but_what_a_version_names_stays_in_the_store()
    {
        await CreateAsync("a");
        await StageAsync(_catalog, "a", SampleEntries.Make(seed: 2, 50_000));
        Assert.Equal(0, await _catalog.CollectGarbageAsync(TimeSpan.Zero, Cancellation));
        Assert.True((await _catalog.DeleteAsync("a", null, Cancellation)).IsOk);
        Assert.Empty(await _store.ReadBlobsAsync("a", Cancellation));
        Assert.Empty(await _store.ReadBlobOwnersAsync(Cancellation));
    }

    [Fact]
    public async Task Of_two_loaders_who_saw_the_same_active_version_one_wins()
    {
        await CreateAsync("a");
        HashEntry[][] contents = [SampleEntries.Make(seed: 3, 20_000), SampleEntries.Make(seed: 4, 20_000)];
        ListCatalog[] catalogs = [_catalog, _otherCatalog];
        long active = 0;
        for (int round = 0; round < 5; round++)
        {
            long expected = active;
            CatalogResult<HashList>[] results = await Task.WhenAll(catalogs.Select(async (catalog, i) =>
                await catalog.ActivateAsync(
                    "a", await StageAsync(catalog, "a", contents[i]), expected, Cancellation)));
            int winner = Array.FindIndex(results, result => result.IsOk);
            Assert.Equal(CatalogError.LostRace, results[1 - winner].Error);
            active = results[winner].Value!.ActiveVersion;
            Assert.Equal(
                StoredContent.Sorted(contents[winner]), await StoredContent.ReadAsync(_store, "a", Cancellation));
        }
        HashList list = (await _catalog.ReadAsync("a", Cancellation)).Value!;
        Assert.Equal(5, list.Versions.Count(version => version.State == VersionState.Staged));
    }

    [Fact]
    public async Task A_cancelled_staging_leaves_nothing_behind()
    {
        await CreateAsync("a");
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _catalog.StageAsync(
            "a", CancelHalfWayAsync(SampleEntries.Make(seed: 5, 50_000), cancelling), new StageOptions(), null,
            cancelling.Token));
        Assert.Empty((await _catalog.ReadAsync("a", Cancellation)).Value!.Versions);
        Assert.Empty(await _store.ReadBlobsAsync("a", Cancellation));

        static async IAsyncEnumerable<ListLine> CancelHalfWayAsync(
            HashEntry[] entries, CancellationTokenSource cancelling)
        {
            await foreach (ListLine line in SampleEntries.LinesAsync(entries))
            {
                if (line.Line == entries.Length / 2)
                    await cancelling.CancelAsync();
                yield return line;
            }
        }
    }

    private static async Task<long> StageAsync(ListCatalog catalog, string name, HashEntry[] entries)
    {
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            name, SampleEntries.LinesAsync(entries), new StageOptions { Source = "test" }, null, Cancellation);
        Assert.True(staged.IsOk, staged.Message);
        Assert.Equal(entries.Length, staged.Value.Version!.Entries.Total);
        return staged.Value.Version.Number;
    }

    private async Task CreateAsync(string name) =>
        Assert.True((await _catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation)).IsOk);
}
