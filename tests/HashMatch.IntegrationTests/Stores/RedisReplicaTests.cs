using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>A master with a replica: what is acknowledged is on both.</summary>
public sealed class RedisReplicaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_frozen_replica_did_not_confirm_is_said_and_nothing_is_torn()
    {
        await using RedisServer master = await StartAsync();
        await using RedisServer replica = await StartAsync("--replicaof", $"127.0.0.1 {Port(master)}");
        await replica.FollowsAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(master.Address, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        HashEntry[] entries = FoundEntries.Pdq(seed: 71, 4);
        await FoundEntries.CreateAsync(catalog, "a", [entries[0]], Cancellation);
        replica.Pause();
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => catalog.AddEntriesAsync("a", [entries[1]], Cancellation));
        // Its content was not confirmed, so no list names it.
        Assert.False(e.IsUnconfirmed, e.Message);
        Assert.Equal(1, (await catalog.ReadAsync("a", Cancellation)).Value!.ActiveVersion);
        e = await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.UpdateAsync(
            "a", new ListUpdate { Description = "new" }, Cancellation));
        Assert.True(e.IsUnconfirmed, e.Message);
        // Asked for again it changes nothing, and is not acknowledged for that.
        e = await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.UpdateAsync(
            "a", new ListUpdate { Description = "new" }, Cancellation));
        Assert.True(e.IsUnconfirmed, e.Message);
        e = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => catalog.ActivateAsync("a", 1, null, Cancellation));
        Assert.True(e.IsUnconfirmed, e.Message);
        Assert.Equal("new", (await catalog.ReadAsync("a", Cancellation)).Value!.Description);

        replica.Resume();
        Assert.True((await catalog.AddEntriesAsync("a", [entries[1], entries[2]], Cancellation)).IsOk);
        master.Kill();
        await replica.SendAsync(Cancellation, "REPLICAOF", "NO", "ONE");
        await using IListStore promoted = await ListStores.OpenAsync(
            replica.Address, TimeProvider.System, Cancellation);
        var current = new CurrentIndex();
        using var follower = new ListReplica(promoted, current, TimeProvider.System);
        Assert.True(await follower.RefreshAsync(Cancellation));
        Assert.All(entries[..3], entry => Assert.True(FoundEntries.Has(current, entry)));
    }

    [Fact]
    public async Task A_document_that_was_written_unconfirmed_keeps_its_blobs()
    {
        await using RedisServer server = await StartAsync();
        await using IListStore store = await ListStores.OpenAsync(
            server.Address, TimeProvider.System, Cancellation);
        HashEntry[] entries = FoundEntries.Pdq(seed: 72, 2);
        await FoundEntries.CreateAsync(new ListCatalog(store, TimeProvider.System), "a", [entries[0]], Cancellation);
        // Blobs are confirmed by a replica that freezes before the document is: that takes a store that freezes it.
        await using var late = new LateStore(store);
        var catalog = new ListCatalog(late, TimeProvider.System);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => catalog.AddEntriesAsync("a", [entries[1]], Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.StageAsync(
            "a", SampleEntries.LinesAsync(entries), new StageOptions(), null, Cancellation));
        var current = new CurrentIndex();
        using var follower = new ListReplica(store, current, TimeProvider.System);
        Assert.True(await follower.RefreshAsync(Cancellation), follower.Fault?.Message);
        Assert.All(entries, entry => Assert.True(FoundEntries.Has(current, entry)));
        Assert.Equal(2, (await StoredContent.ReadAsync(
            store, (await catalog.ReadAsync("a", Cancellation)).Value!, 3, Cancellation)).Length);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(",confirmReplicas=0", true)]
    [InlineData(",confirmReplicas=1", false)]
    public async Task A_server_without_a_replica_is_waited_for_only_when_that_is_asked_for(string option, bool written)
    {
        await using RedisServer server = await StartAsync();
        await using IListStore store = await ListStores.OpenAsync(
            server.Address + option, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        Task<CatalogResult<HashList>> creating = catalog.CreateAsync(
            "a", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
        if (written)
            Assert.True((await creating).IsOk);
        else
            Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(() => creating)).IsUnconfirmed);
    }

    [Theory]
    [InlineData("confirmReplicas=many")]
    [InlineData("confirmReplicas=9")]
    [InlineData("confirmReplicas=-1")]
    [InlineData("sslCa=/nowhere/ca.pem")]
    public async Task A_bad_option_of_ours_is_named(string option)
    {
        FormatException e = await Assert.ThrowsAsync<FormatException>(
            () => ListStores.OpenAsync($"redis:127.0.0.1:1,{option}", TimeProvider.System, Cancellation));
        Assert.Contains(option.Split('=')[0], e.Message, StringComparison.Ordinal);
    }

    private static Task<RedisServer> StartAsync(params string[] settings) => RedisServer.StartAsync(
        Cancellation, ["--repl-diskless-sync-delay", "0", .. settings]);

    private static string Port(RedisServer server) => server.Port.ToString(CultureInfo.InvariantCulture);
}
