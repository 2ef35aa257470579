using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class ListReplicaTests : IAsyncLifetime
{
    private readonly Random _random = new(51);
    private readonly CurrentIndex _index = new();
    private readonly ManualTime _time = new();
    private CatalogFixture _fixture = null!;
    private ListReplica _replica = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fixture = await CatalogFixture.OpenAsync();
        _replica = new ListReplica(_fixture.Store, _index, _time);
    }

    public ValueTask DisposeAsync()
    {
        _replica.Dispose();
        return _fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_new_index_is_published_when_something_that_matters_changed()
    {
        Assert.Null(_replica.InStepAt);
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.False(await _replica.RefreshAsync(Token));
        Assert.Equal((1, 0), (_index.Value!.Generation, _index.Value.Lists.Count));

        await _fixture.CreateAsync("l");
        await _fixture.StageAsync("l", Entry());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await _replica.RefreshAsync(Token));
        Assert.Equal(_time.GetUtcNow(), _replica.InStepAt);
        await _fixture.ActivateAsync("l", 1);
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Equal(2, _index.Value!.Generation);

        await UpdateAsync(new ListUpdate { Description = "only words" });
        Assert.False(await _replica.RefreshAsync(Token));
        await UpdateAsync(new ListUpdate { MaxDistance = 5 });
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Equal(5, _index.Value.Lists[0].Policy.MaxDistance);
        await UpdateAsync(new ListUpdate { Enabled = false });
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Empty(_index.Value.Lists);
        await UpdateAsync(new ListUpdate { Enabled = true });
        Assert.True(await _replica.RefreshAsync(Token));
        await _fixture.Catalog.DeleteAsync("l", null, Token);
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Empty(_index.Value.Lists);
    }

    [Fact]
    public async Task An_edit_loads_its_delta_only()
    {
        await _fixture.LoadAsync("l", [.. Enumerable.Range(0, 50).Select(_ => Entry())]);
        await _replica.RefreshAsync(Token);
        ListSegment before = _index.Value!.Lists[0].Content.Segments[0].Segment;
        HashEntry added = Entry();
        CatalogFixture.Value(await _fixture.Catalog.AddEntriesAsync("l", [added], Token));
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Same(before, _index.Value.Lists[0].Content.Segments[0].Segment);
        Assert.Equal(2, _index.Value.Lists[0].Version);
        Assert.True(Finds(added));
        CatalogFixture.Value(await _fixture.Catalog.RemoveEntriesAsync("l", [Samples.KeyOf(added)], Token));
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.False(Finds(added));
    }

    [Fact]
    public async Task A_list_that_breaks_keeps_what_it_had_and_others_move_on()
    {
        HashEntry kept = Entry();
        HashEntry other = Entry();
        await _fixture.LoadAsync("broken", kept);
        await _replica.RefreshAsync(Token);
        await _fixture.LoadAsync("broken", Entry());
        await DamageAsync("broken", 2);
        await _fixture.LoadAsync("other", other);

        Assert.True(await _replica.RefreshAsync(Token));
        Assert.IsType<StoreCorruptException>(_replica.Fault);
        Assert.True(Finds(kept));
        Assert.True(Finds(other));
        Assert.Equal([1L, 1L], _index.Value!.Lists.Select(list => list.Version));

        CatalogFixture.Value(await _fixture.Catalog.RollBackAsync("broken", null, null, Token));
        await _replica.RefreshAsync(Token);
        Assert.Null(_replica.Fault);
    }

    [Fact]
    public async Task An_index_that_memory_has_no_room_for_is_a_fault_and_the_old_one_stays()
    {
        using CurrentIndex index = new();
        using ListReplica replica = new(_fixture.Store, index, _time, new IndexAssembly(
            index, new IndexSizes { DeltaRows = 10, MaxBuildBytes = 10_000 }, mergesItself: true));
        HashEntry kept = Entry();
        await _fixture.LoadAsync("l", kept);
        Assert.True(await replica.RefreshAsync(Token));
        await _fixture.LoadAsync("m", [.. Enumerable.Range(0, 500).Select(_ => Entry())]);
        Assert.False(await replica.RefreshAsync(Token));
        Assert.IsType<IndexTooLargeException>(replica.Fault);
        Assert.Equal("l", Assert.Single(index.Value!.Lists).Name);

        await _fixture.LoadAsync("m", Entry());
        Assert.True(await replica.RefreshAsync(Token));
        Assert.Null(replica.Fault);
        Assert.Equal(["l", "m"], index.Value!.Lists.Select(list => list.Name));
    }

    [Fact]
    public async Task A_replica_that_never_had_a_broken_list_is_not_ready()
    {
        await _fixture.LoadAsync("broken", Entry());
        await _fixture.LoadAsync("good", Entry());
        await DamageAsync("broken", 1);
        Assert.False(await _replica.RefreshAsync(Token));
        Assert.Null(_index.Value);
        Assert.Null(_replica.InStepAt);
        Assert.IsType<StoreCorruptException>(_replica.Fault);

        CatalogFixture.Value(await _fixture.Catalog.DeleteAsync("broken", null, Token));
        Assert.True(await _replica.RefreshAsync(Token));
        Assert.Null(_replica.Fault);
        Assert.Equal("good", Assert.Single(_index.Value!.Lists).Name);
    }

    [Fact]
    public async Task A_manifest_that_was_replaced_by_another_valid_one_is_a_fault_and_the_old_index_stays()
    {
        HashEntry kept = Entry();
        await _fixture.LoadAsync("l", kept);
        Assert.True(await _replica.RefreshAsync(Token));
        await _fixture.LoadAsync("l", Entry());
        ListVersion[] versions = [.. (await _fixture.ReadAsync("l")).Versions];
        byte[] older = (await _fixture.Store.ReadBlobAsync("l", versions[1].ManifestId, Token))!;
        await _fixture.Store.DeleteBlobsAsync("l", [versions[0].ManifestId], Token);
        await _fixture.Store.WriteBlobAsync("l", versions[0].ManifestId, older, Token);
        Assert.False(await _replica.RefreshAsync(Token));
        Assert.Contains("SHA-256", Assert.IsType<StoreCorruptException>(_replica.Fault).Message,
            StringComparison.Ordinal);
        Assert.True(Finds(kept));
    }

    [Fact]
    public async Task Replicas_that_run_come_to_what_the_store_says()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        CurrentIndex otherIndex = new();
        using ListReplica other = new(_fixture.Store, otherIndex, TimeProvider.System);
        Task[] running = [_replica.RunAsync(_ => { }, stop.Token), other.RunAsync(_ => { }, stop.Token)];
        List<HashEntry> entries = [.. Enumerable.Range(0, 6).Select(_ => Entry())];
        await _fixture.LoadAsync("l", entries[0]);
        foreach (HashEntry entry in entries[1..])
        {
            CatalogFixture.Value(await _fixture.Catalog.AddEntriesAsync("l", [entry], Token));
        }

        await UntilAsync(() => new[] { _index, otherIndex }.All(index =>
            index.Value?.Lists is [{ Version: 6 } list] && list.Content.Counts.Pdq == 6));
        Assert.All(entries, entry => Assert.True(Finds(entry)));
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task A_running_replica_mends_itself_when_the_list_is_mended()
    {
        await _fixture.LoadAsync("l", Entry());
        await _replica.RefreshAsync(Token);
        await _fixture.LoadAsync("l", Entry());
        SegmentRef segment = (await _fixture.ManifestAsync("l", 2)).Base[0];
        byte[] blob = (await _fixture.Store.ReadBlobAsync("l", segment.Id, Token))!;
        await _fixture.Store.DeleteBlobsAsync("l", [segment.Id], Token);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int faults = 0;
        Task running = _replica.RunAsync(
            replica => faults += replica.Fault is StoreCorruptException ? 1 : 0, stop.Token);
        await UntilAsync(() => Volatile.Read(ref faults) > 1);
        Assert.Equal(1, _index.Value!.Lists[0].Version);

        // No document changes, so only trying again can find it.
        await _fixture.Store.WriteBlobAsync("l", segment.Id, blob, Token);
        await UntilAsync(() => _index.Value.Lists[0].Version == 2 && _replica.Fault is null);
        await stop.CancelAsync();
        await running;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private HashEntry Entry() => Samples.Entry(_random, HashType.Pdq);

    private bool Finds(HashEntry entry)
    {
        List<Candidate> candidates = [];
        _index.Value!.Find(new QueryHash(entry.Value.ToPdq(), Orientation.Original, 100), candidates);
        return candidates.Count > 0;
    }

    private async Task UpdateAsync(ListUpdate update) =>
        CatalogFixture.Value(await _fixture.Catalog.UpdateAsync("l", update, Token));

    private async Task DamageAsync(string name, long version)
    {
        SegmentRef segment = (await _fixture.ManifestAsync(name, version)).Base[0];
        byte[] blob = (await _fixture.Store.ReadBlobAsync(name, segment.Id, Token))!;
        blob[60] ^= 1;
        await _fixture.Store.DeleteBlobsAsync(name, [segment.Id], Token);
        await _fixture.Store.WriteBlobAsync(name, segment.Id, blob, Token);
    }
}
