using System.Globalization;
using System.Text;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>Redis stopped, killed, paused and started again under an open store.</summary>
public sealed class RedisFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stopped_server_is_unavailable_and_serves_again_without_reopening()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        Assert.True(await WriteAsync(store, "a", 0));
        for (int round = 1; round <= 3; round++)
        {
            server.Stop();
            await AssertUnavailableAsync(store);
            await server.Start(Cancellation);
            await AnswersAsync(store);
            Assert.True(await WriteAsync(store, "a", round));
        }
    }

    [Fact]
    public async Task A_server_that_was_down_when_opened_serves_once_it_is_up()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        server.Stop();
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        await AssertUnavailableAsync(store);
        await server.Start(Cancellation);
        await AnswersAsync(store);
        Assert.True(await WriteAsync(store, "a", 0));
    }

    [Fact]
    public async Task A_paused_server_is_unavailable_until_it_goes_on()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        Assert.True(await WriteAsync(store, "a", 0));
        server.Pause();
        await AssertUnavailableAsync(store);
        server.Resume();
        await AnswersAsync(store);
        Assert.Equal(1, (await store.ReadListAsync("a", Cancellation))!.Revision);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_kill_9()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        byte[] data = new byte[2 * 1024 * 1024];
        var ids = new List<string>();
        for (int round = 0; round < 3; round++)
        {
            data[round] = 1;
            ids.Add(Guid.NewGuid().ToString("N"));
            await store.WriteBlobAsync("a", ids[^1], data, Cancellation);
            await store.AppendEventsAsync([new byte[] { (byte)round }], Cancellation);
            Assert.True(await WriteAsync(store, "a", round));
            server.Kill();
            await server.Start(Cancellation);
            await AnswersAsync(store);
            Assert.Equal(round + 1, (await store.ReadListAsync("a", Cancellation))!.Revision);
            Assert.Equal(round + 1, (await store.ReadChangesAsync("a", 10, Cancellation)).Count);
            Assert.Equal(round + 1, (await store.ReadEventsAsync(null, 10, Cancellation)).Count);
            Assert.Equal(data, await store.ReadBlobAsync("a", ids[^1], Cancellation));
            Assert.Equal(ids.Order(), (await store.ReadBlobsAsync("a", Cancellation)).Select(blob => blob.Id).Order());
        }
    }

    [Fact]
    public async Task A_watch_faults_or_goes_on_and_tells_of_changes_after_the_fault()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        await using IListStore writer = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        long seen = 0;
        Task following = FollowAsync(store, revision => Volatile.Write(ref seen, revision), ending.Token);
        Assert.True(await WriteAsync(writer, "a", 0));
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == 1, "the first change is seen", Cancellation);
        server.Kill();
        await AssertUnavailableAsync(writer);
        await server.Start(Cancellation);
        await AnswersAsync(writer);
        Assert.True(await WriteAsync(writer, "a", 1));
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == 2, "the second change is seen", Cancellation);
        server.Pause();
        await AssertUnavailableAsync(writer);
        server.Resume();
        await AnswersAsync(writer);
        Assert.True(await WriteAsync(writer, "a", 2));
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == 3, "the third change is seen", Cancellation);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task A_cluster_that_lost_a_master_serves_the_other_lists()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(cluster.Address, TimeProvider.System, Cancellation);
        string[] names = [.. Enumerable.Range(0, 24).Select(i => $"list-{i}")];
        foreach (string name in names)
            Assert.True(await WriteAsync(store, name, 0));
        cluster.Masters[1].Kill();
        bool[] written = await Task.WhenAll(names.Select(name => TryWriteAsync(store, name, 1)));
        Assert.Contains(true, written);
        Assert.Contains(false, written);
        await cluster.Masters[1].Start(Cancellation);
        await AnswersAsync(store);
        Assert.Equal(names.Order(StringComparer.Ordinal),
            (await store.ReadListsAsync(Cancellation)).Select(list => list.Name));
        foreach ((string name, bool was) in names.Zip(written))
            Assert.Equal(was ? 2 : 1, (await store.ReadListAsync(name, Cancellation))!.Revision);
    }

    private static async Task FollowAsync(IListStore store, Action<long> seen, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await foreach (bool _ in store.WatchAsync(cancellation))
                    seen((await store.ReadListAsync("a", cancellation))?.Revision ?? 0);
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }

    // Every kind of call; the deadline is there so that a call that hangs fails the test.
    private static async Task AssertUnavailableAsync(IListStore store)
    {
        Func<Task>[] calls =
        [
            () => store.ReadListsAsync(Cancellation),
            () => store.ReadListAsync("a", Cancellation),
            () => WriteAsync(store, "a", 99),
            () => WriteAsync(store, "z", 0),
            () => store.ReadChangesAsync("a", 9, Cancellation),
            () => store.WriteBlobAsync("z", new string('f', 32), new byte[9], Cancellation),
            () => store.ReadBlobAsync("z", new string('f', 32), Cancellation),
            () => store.ReadBlobsAsync("z", Cancellation),
            () => store.ReadBlobOwnersAsync(Cancellation),
            () => store.DeleteBlobsAsync("z", [new string('f', 32)], Cancellation),
            () => store.ReadEventsAsync(null, 9, Cancellation),
            async () => await store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation).MoveNextAsync(),
        ];
        await Task.WhenAll(calls.Select(call => Assert.ThrowsAsync<StoreUnavailableException>(
            () => call().WaitAsync(Eventually.Deadline, Cancellation))));
    }

    private static Task AnswersAsync(IListStore store) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await store.ReadListsAsync(Cancellation);
                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        },
        "the store answers again", Cancellation);

    private static async Task<bool> TryWriteAsync(IListStore store, string name, long expected)
    {
        try
        {
            return await WriteAsync(store, name, expected).WaitAsync(Eventually.Deadline, Cancellation);
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private static Task<bool> WriteAsync(IListStore store, string name, long expected) =>
        store.TryWriteListAsync(
            new StoredList(name, expected + 1, Encoding.UTF8.GetBytes(expected.ToString(CultureInfo.InvariantCulture))),
            expected, new ListChange(name, expected + 1, "updated", DateTimeOffset.UnixEpoch), Cancellation);
}
