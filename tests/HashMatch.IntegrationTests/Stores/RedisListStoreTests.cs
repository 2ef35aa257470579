using System.Globalization;
using System.Text;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>What is Redis's alone: passwords, rights, other keys, memory, the nudge and the poll behind it.</summary>
public sealed class RedisListStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_wakes_a_watch_of_another_store_without_a_poll()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore writer = await OpenAsync(server);
        await using IListStore watcher = await ListStores.OpenAsync(server.Address, new FrozenTime(), Cancellation);
        await using IAsyncEnumerator<bool> watch = watcher.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        Task<bool> next = watch.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(
            async () => await server.SendAsync(Cancellation, "PUBSUB", "NUMSUB", "hm:changes") == "hm:changes\n1",
            "the watcher has subscribed", Cancellation);
        Assert.True(await WriteAsync(writer, "a", 0));
        Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    [Fact]
    public async Task A_change_wakes_a_watch_across_a_cluster_without_a_poll()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation);
        await using IListStore writer = await ListStores.OpenAsync(
            cluster.Address, TimeProvider.System, Cancellation);
        await using IListStore watcher = await ListStores.OpenAsync(cluster.Address, new FrozenTime(), Cancellation);
        await using IAsyncEnumerator<bool> watch = watcher.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        await Eventually.TrueAsync(
            async () => (await Task.WhenAll(cluster.Masters.Select(
                master => master.SendAsync(Cancellation, "PUBSUB", "NUMSUB", "hm:changes"))))
                .Any(reply => reply == "hm:changes\n1"),
            "the watcher has subscribed", Cancellation);
        // Lists on every master, so that the message comes from each.
        foreach (string name in Enumerable.Range(0, 12).Select(i => $"list-{i}"))
        {
            Task<bool> next = watch.MoveNextAsync().AsTask();
            Assert.True(await WriteAsync(writer, name, 0));
            Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
        }
    }

    [Fact]
    public async Task A_change_whose_message_was_lost_is_found_by_the_poll()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        Assert.True(await WriteAsync(store, "a", 0));
        await using IAsyncEnumerator<bool> watch = store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        Task<bool> next = watch.MoveNextAsync().AsTask();
        await server.SendAsync(Cancellation,
            "XADD", "hm:{l:a}:log", "*", "rev", "2", "what", "updated", "at", "0");
        Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    [Fact]
    public async Task A_flushed_server_wakes_a_watch()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        Assert.True(await WriteAsync(store, "a", 0));
        await using IAsyncEnumerator<bool> watch = store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        await server.SendAsync(Cancellation, "FLUSHALL");
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline, Cancellation));
        Assert.Empty(await store.ReadListsAsync(Cancellation));
    }

    [Fact]
    public async Task A_password_opens_the_store_and_is_never_repeated()
    {
        const string Secret = "tr0ub4dor";
        await using RedisServer server = await RedisServer.StartAsync(Cancellation, "--requirepass", Secret);
        await using IListStore store = await ListStores.OpenAsync(
            $"{server.Address},password={Secret}", TimeProvider.System, Cancellation);
        Assert.True(await WriteAsync(store, "a", 0));
        Assert.DoesNotContain(Secret, store.Description, StringComparison.Ordinal);
        server.Stop();
        Exception e = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadListsAsync(Cancellation));
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=tr0ub4dar")]
    [InlineData(",user=nobody,password=tr0ub4dar")]
    public async Task A_wrong_or_missing_password_is_unavailable(string credential)
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation, "--requirepass", "tr0ub4dor");
        await Eventually.TrueAsync(
            async () =>
            {
                // The client keeps the first reason that it met: a connection that was late, on a busy machine, hides
                // the one that comes after. Whoever asks again has another client.
                await using IListStore store = await ListStores.OpenAsync(
                    server.Address + credential, TimeProvider.System, Cancellation);
                Exception e = await Assert.ThrowsAsync<StoreUnavailableException>(
                    () => store.ReadListsAsync(Cancellation));
                Assert.DoesNotContain("tr0ub4dar", e.ToString(), StringComparison.Ordinal);
                return e.Message.Contains("password", StringComparison.Ordinal);
            },
            "the password is named", Cancellation);
    }

    [Fact]
    public async Task A_user_with_the_least_rights_can_do_everything()
    {
        await using RedisServer master = await RedisServer.StartAsync(
            Cancellation, "--repl-diskless-sync-delay", "0");
        await using RedisServer replica = await RedisServer.StartAsync(
            Cancellation, "--replicaof", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 {master.Port}"));
        await replica.FollowsAsync(Cancellation);
        await DoEverythingAsync(master.Address, [master], ["wait"]);
        Assert.Equal("0", await master.SendAsync(Cancellation, "EXISTS", "hm:{l:a}:blobs"));
        Assert.Equal("0", await master.SendAsync(Cancellation, "HEXISTS", "hm:{l:a}:doc", "doc"));
    }

    [Fact]
    public async Task A_user_with_the_least_rights_can_do_everything_over_a_cluster()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation, withReplicas: true);
        await DoEverythingAsync(
            cluster.Address, [.. cluster.Masters, .. cluster.Replicas], ["wait", "cluster|nodes"]);
    }

    private static async Task DoEverythingAsync(string address, RedisServer[] servers, string[] more)
    {
        // The client's own: CLIENT, CLUSTER, CONFIG, ECHO, HELLO, INFO, PING; what it is refused it does without.
        string[] commands =
        [
            "del", "eval", "exists", "get", "hdel", "hget", "hgetall", "hmget", "hset", "publish", "sadd", "set",
            "smembers", "subscribe", "time", "unlink", "xadd", "xrange", "xrevrange", "echo", "hello", "info", "ping",
            .. more,
        ];
        foreach (RedisServer server in servers)
        {
            await server.SendAsync(Cancellation,
                ["ACL", "SETUSER", "matcher", "on", ">secret", "~hm:*", "&hm:*", "-@all",
                .. commands.Select(command => "+" + command)]);
        }

        await using IListStore store = await ListStores.OpenAsync(
            address + ",user=matcher,password=secret", TimeProvider.System, Cancellation);
        string id = Guid.NewGuid().ToString("N");
        Assert.True(await WriteAsync(store, "a", 0));
        await using IAsyncEnumerator<bool> watch = store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        await Eventually.TrueAsync(
            async () => (await Task.WhenAll(servers.Select(
                server => server.SendAsync(Cancellation, "PUBSUB", "NUMSUB", "hm:changes"))))
                .Contains("hm:changes\n1"),
            "the watcher has subscribed", Cancellation);
        await store.WriteBlobAsync("a", id, new byte[] { 1, 2 }, Cancellation);
        Assert.Equal([1, 2], await store.ReadBlobAsync("a", id, Cancellation));
        await store.ConfirmListAsync("a", Cancellation);
        Assert.Single(await store.ReadListsAsync(Cancellation));
        Assert.Single(await store.ReadBlobsAsync("a", Cancellation));
        Assert.Single(await store.ReadBlobOwnersAsync(Cancellation));
        Assert.Single(await store.ReadChangesAsync("a", 10, Cancellation));
        await store.AppendEventsAsync([new byte[] { 3 }], Cancellation);
        Assert.Single(await store.ReadEventsAsync(null, 10, Cancellation));
        await store.DeleteBlobsAsync("a", [id], Cancellation);
        Assert.True(await store.TryDeleteListAsync(
            "a", 1, new ListChange("a", 2, "deleted", DateTimeOffset.UnixEpoch), Cancellation));
        Assert.True(await store.TryWriteDocumentAsync(new("g", "k", 1, new byte[] { 4 }), 0, Cancellation));
        Assert.Single(await store.ReadDocumentsAsync("g", Cancellation));
        Assert.NotNull(await store.ReadDocumentAsync("g", "k", Cancellation));
        Assert.True(await store.TryDeleteDocumentAsync("g", "k", 1, Cancellation));
        AuditEntry audit = new("me", "did", "g:k", AuditDetail.None);
        Assert.True(await store.TryWriteDocumentAsync(new("g", "k", 1, new byte[] { 4 }), 0, audit, Cancellation));
        Assert.True(await store.TryDeleteDocumentAsync("g", "k", 1, audit, Cancellation));
        await store.AppendAuditAsync(audit, Cancellation);
        Assert.True(await store.TryAppendCheckpointAsync(1, new byte[] { 5 }, Cancellation));
        Assert.Equal(5, (await store.ReadAuditHeadAsync(Cancellation)).Sequence);
        Assert.Equal(5, (await store.ReadAuditAsync(0, 10, Cancellation)).Count);
        Assert.Single(await store.ReadCheckpointsAsync(Cancellation));
        Assert.Equal(4, (await store.ReadAuditedAsync("g:k", Cancellation)).Record?.Sequence);
        Assert.Equal("me", await store.LeaseAsync("l", "me", TimeSpan.FromHours(1), Cancellation));
        await store.ReleaseLeaseAsync("l", "me", Cancellation);
    }

    [Fact]
    public async Task Every_key_begins_with_hm()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        Assert.True(await WriteAsync(store, "a", 0));
        await store.WriteBlobAsync("a", new string('0', 32), new byte[9], Cancellation);
        await store.AppendEventsAsync([new byte[9]], Cancellation);
        await store.LeaseAsync("l", "me", TimeSpan.FromHours(1), Cancellation);
        Assert.True(await store.TryWriteDocumentAsync(new("g", "k", 1, new byte[9]), 0, Cancellation));
        Assert.True(await store.TryWriteDocumentAsync(
            new("g", "k", 2, new byte[9]), 1, new AuditEntry("me", "did", "g:k", AuditDetail.None), Cancellation));
        Assert.True(await store.TryAppendCheckpointAsync(1, new byte[] { 5 }, Cancellation));
        string[] keys = (await server.SendAsync(Cancellation, "KEYS", "*")).Split('\n');
        Assert.Equal(
            [
                "hm:{audit}:checkpoints", "hm:{audit}:head", "hm:{audit}:log",
                "hm:{b:00000000000000000000000000000000}:a", "hm:{catalog}:lists", "hm:{catalog}:owners",
                "hm:{events}", "hm:{g:g}:audit", "hm:{g:g}:docs", "hm:{l:a}:blobs", "hm:{l:a}:doc",
                "hm:{l:a}:log", "hm:{lease:l}",
            ],
            keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_full_server_refuses_and_nothing_is_half_done()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        Assert.True(await WriteAsync(store, "a", 0));
        await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "1");
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => WriteAsync(store, "a", 1));
        Assert.Contains("OOM", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(store, "b", 0));
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.AppendEventsAsync([new byte[9]], Cancellation));
        Assert.Equal(1, Assert.Single(await store.ReadListsAsync(Cancellation)).Revision);
        Assert.Single(await store.ReadChangesAsync("a", 10, Cancellation));
        await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "0");
        Assert.True(await WriteAsync(store, "a", 1));
    }

    [Theory]
    [InlineData("hm:{l:a}:doc")]
    [InlineData("hm:{l:a}:log")]
    public async Task A_key_of_another_type_is_corrupt_and_nothing_is_half_done(string key)
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        await server.SendAsync(Cancellation, "SET", key, "theirs");
        await Assert.ThrowsAsync<StoreCorruptException>(() => WriteAsync(store, "a", 0));
        string[] keys = (await server.SendAsync(Cancellation, "KEYS", "hm:{l:a}*")).Split('\n');
        Assert.Equal([key], keys);
    }

    [Fact]
    public async Task A_name_without_a_document_is_no_list()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(server);
        await server.SendAsync(Cancellation, "SADD", "hm:{catalog}:lists", "begun");
        Assert.True(await WriteAsync(store, "a", 0));
        Assert.Equal("a", Assert.Single(await store.ReadListsAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task A_server_that_may_lose_lists_is_warned_of()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using RedisListStore store = await RedisListStore.OpenAsync(
            server.Address["redis:".Length..], TimeProvider.System);
        Assert.Empty(await store.ReadWarningsAsync(Cancellation));
        await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "100mb");
        Assert.Empty(await store.ReadWarningsAsync(Cancellation));
        await server.SendAsync(Cancellation, "CONFIG", "SET", "appendfsync", "everysec");
        string warning = Assert.Single(await store.ReadWarningsAsync(Cancellation));
        Assert.Contains("everysec", warning, StringComparison.Ordinal);
        await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        await server.SendAsync(Cancellation, "CONFIG", "SET", "appendonly", "no");
        IReadOnlyList<string> warnings = await store.ReadWarningsAsync(Cancellation);
        Assert.Equal(2, warnings.Count);
        Assert.Contains("allkeys-lru", warnings[0], StringComparison.Ordinal);
        Assert.Contains("append-only", warnings[1], StringComparison.Ordinal);
        server.Stop();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadWarningsAsync(Cancellation));
    }

    private static Task<IListStore> OpenAsync(RedisServer server) =>
        ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);

    private static Task<bool> WriteAsync(IListStore store, string name, long expected) =>
        store.TryWriteListAsync(
            new StoredList(name, expected + 1, Encoding.UTF8.GetBytes(expected.ToString(CultureInfo.InvariantCulture))),
            expected, new ListChange(name, expected + 1, "updated", DateTimeOffset.UnixEpoch), Cancellation);
}
