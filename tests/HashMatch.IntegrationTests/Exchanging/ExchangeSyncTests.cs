using HashMatch.Exchanges;
using HashMatch.Exchanges.Syncing;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>Exchanges against a player of each API, in this process, over SQLite.</summary>
public sealed class ExchangeSyncTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IListStore _store = null!;

    public static TheoryData<ExchangeKind> Kinds => [.. Enum.GetValues<ExchangeKind>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await ListStores.OpenAsync(
        "sqlite:" + _folder["data"], TimeProvider.System, Token);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_list_follows_what_is_added_and_withdrawn_to_the_last_entry(ExchangeKind kind)
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        player.HasMalformed = true;
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        for (int i = 0; i < 23; i++)
        {
            player.Put(i, true, ExchangeBench.Md5(i));
        }

        ExchangeReport first = await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        Assert.Equal((5L, 23L), (first.Pages, first.Entries));
        Assert.True(first.Malformed >= 5);
        HashList list = (await bench.Lists.ReadAsync("l", Token)).Value!;
        Assert.Equal(MatchAction.Review, list.Policy.Action);

        player.Put(4, false, ExchangeBench.Md5(4));
        player.Put(30, true, ExchangeBench.Md5(30));
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        Assert.DoesNotContain(ExchangeBench.Md5(4), await bench.ValuesAsync());

        // What comes again by the overlap of two runs makes no version.
        await bench.SyncAsync();
        long version = (await bench.Lists.ReadAsync("l", Token)).Value!.ActiveVersion;
        Assert.Equal(0, (await bench.SyncAsync()).Version);
        Assert.Equal(version, (await bench.Lists.ReadAsync("l", Token)).Value!.ActiveVersion);

        foreach (int i in Enumerable.Range(0, 31))
        {
            player.Put(i, false, ExchangeBench.Md5(i));
        }

        await bench.SyncAsync();
        Assert.Empty(await bench.ValuesAsync());
        await bench.SyncAsync(full: true);
        Assert.Empty(await bench.ValuesAsync());
        var replica = new ListReplica(_store, new CurrentIndex(), TimeProvider.System);
        await replica.RefreshAsync(Token);
        Assert.Null(replica.Fault);
        ExchangeState state = await bench.StateAsync();
        Assert.Null(state.Run);
        Assert.Null(state.LastError);
        Assert.NotNull(state.NextRunAt);
    }

    [Fact]
    public async Task An_exchange_that_withdraws_most_of_its_list_waits_for_a_person()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.StopNcii, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.StopNcii);
        for (int i = 0; i < 120; i++)
        {
            player.Put(i, true, ExchangeBench.Md5(i));
        }

        await bench.SyncAsync();
        string[] before = await bench.ValuesAsync();
        for (int i = 0; i < 100; i++)
        {
            player.Put(i, false, ExchangeBench.Md5(i));
        }

        for (int attempt = 0; attempt < 2; attempt++)
        {
            ExchangeException refused = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
            Assert.Equal(ExchangeProblem.ListRefused, refused.Problem);
            Assert.Contains("120", refused.Message, StringComparison.Ordinal);
            Assert.Equal(before, await bench.ValuesAsync());
            Assert.Single((await bench.Lists.ReadAsync("l", Token)).Value!.Versions);
        }

        await bench.SyncAsync(force: true);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        IReadOnlyList<ListChange> log = await _store.ReadChangesAsync("l", 1, Token);
        Assert.Contains("size", log[0].What, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Faults_and_cancellations_at_every_step_leave_what_a_clean_run_leaves(ExchangeKind kind)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        player.HasMalformed = true;
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        Lock locked = new();
        PlayerFault[] faults = Enum.GetValues<PlayerFault>();
        player.Fault = _ =>
        {
            lock (locked)
            {
                return random.Next(3) == 0 ? faults[random.Next(faults.Length)] : PlayerFault.None;
            }
        };
        int broken = 0;
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                // Where hashes are the key a record keeps its hash; NCMEC's may be said anew with others.
                int id = random.Next(40);
                int value = kind == ExchangeKind.Ncmec ? random.Next(30) : id;
                player.Put(id, random.Next(4) > 0, ExchangeBench.Md5(value));
            }

            bool done = false;
            for (int attempt = 0; !done; attempt++)
            {
                Assert.True(attempt < 200);
                using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
                int last = player.Requests + random.Next(1, 9);
                player.Asked = number =>
                {
                    if (number == last)
                    {
                        stop.Cancel();
                    }
                };
                try
                {
                    await bench.Sync().SyncAsync(
                        ExchangeBench.Name, ExchangeBench.Credentials, new SyncOptions(), null, stop.Token);
                    done = true;
                }
                catch (Exception e) when (e is OperationCanceledException or ExchangeException)
                {
                    broken++;
                }
            }

            Assert.Equal(player.Live(), await bench.ValuesAsync());
            Assert.Equal(await CleanAsync(kind, player), await bench.ValuesAsync());
        }

        output.WriteLine($"{broken} runs broke off, {player.Requests} requests");
    }

    [Fact]
    public async Task A_few_versions_are_kept_to_roll_back_to()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.Tat, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Tat);
        foreach (int i in Enumerable.Range(0, 9))
        {
            player.Put(i, true, ExchangeBench.Md5(i));
            await bench.SyncAsync();
        }

        HashList list = (await bench.Lists.ReadAsync("l", Token)).Value!;
        Assert.Equal([9L, 8L, 7L, 6L, 5L, 4L], list.Versions.Select(version => version.Number));
        Assert.True((await bench.Lists.RollBackAsync("l", null, null, Token)).IsOk);
        Assert.Equal(8, (await bench.ValuesAsync()).Length);
        Assert.Equal(0, (await bench.SyncAsync()).Version);
        player.Put(9, true, ExchangeBench.Md5(9));
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Fact]
    public async Task A_list_that_was_deleted_is_made_again_from_what_is_kept()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.Tat, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Tat);
        player.Put(1, true, ExchangeBench.Md5(1));
        await bench.SyncAsync();
        Assert.True((await bench.Lists.DeleteAsync("l", null, Token)).IsOk);
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Fact]
    public async Task A_hash_in_two_records_survives_the_deletion_of_one_across_runs()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.Ncmec, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Ncmec);
        player.Put(1, true, ExchangeBench.Md5(1), ExchangeBench.Md5(2));
        player.Put(2, true, ExchangeBench.Md5(2), ExchangeBench.Md5(3));
        await bench.SyncAsync();
        player.Put(1, false);
        await bench.SyncAsync();
        Assert.Equal(
            new[] { ExchangeBench.Md5(2), ExchangeBench.Md5(3) }.Order(StringComparer.Ordinal),
            await bench.ValuesAsync());
        player.Put(2, false);
        await bench.SyncAsync();
        Assert.Empty(await bench.ValuesAsync());
    }

    [Fact]
    public async Task Members_are_filtered_and_another_filter_needs_no_fetch_of_all()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.Ncmec, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Ncmec);
        foreach (int i in Enumerable.Range(0, 12))
        {
            player.Put(i, 10 + (i % 3), true, ExchangeBench.Md5(i));
        }

        Assert.Null(await bench.Catalog.SetAsync("x", each => each with { Members = ["11"] }, Token));
        await bench.SyncAsync();
        Assert.Equal(player.Live(each => each.Member == 11), await bench.ValuesAsync());
        Assert.Null(await bench.Catalog.SetAsync(
            "x", each => each with { Members = [], NotMembers = ["11"] }, Token));
        await bench.SyncAsync();
        Assert.Equal(player.Live(each => each.Member != 11), await bench.ValuesAsync());
        Assert.DoesNotContain("1970", player.Paths.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Of_two_replicas_one_fetches(ExchangeKind kind)
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        foreach (int i in Enumerable.Range(0, 23))
        {
            player.Put(i, true, ExchangeBench.Md5(i));
        }

        SyncOptions due = new() { OnlyIfDue = true };
        bool[] fetched = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await bench.Sync().SyncAsync("x", ExchangeBench.Credentials, due, null, Token);
                return true;
            }
            catch (ExchangeException e) when (e.Problem == ExchangeProblem.Busy)
            {
                return false;
            }
        }));
        Assert.Single(fetched, true);
        Assert.Equal(5, player.Requests);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Wrong_credentials_end_the_run_at_once_and_are_told_nowhere(ExchangeKind kind)
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        HashMatch.Exchanges.Configuration.ExchangeCredentials wrong = new()
        {
            Username = "user",
            Password = "hidden-thing",
            SubscriptionKey = "hidden-thing",
            FunctionKey = "hidden-thing",
            AccessToken = "hidden-thing",
        };
        if (kind == ExchangeKind.Tat)
        {
            wrong = new();
        }

        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(
            () => bench.Sync().SyncAsync("x", wrong, new SyncOptions(), null, Token));
        Assert.DoesNotContain("hidden-thing", e.ToString(), StringComparison.Ordinal);
        ExchangeState state = await bench.StateAsync();
        Assert.True(player.Requests <= 1);
        Assert.True(state.LastProblem is ExchangeProblem.Unauthorized or ExchangeProblem.NoCredentials);
        Assert.Equal(e.Message, state.LastError);
    }

    // Others' runs of the same player's content: what a client without faults has.
    private async Task<string[]> CleanAsync(ExchangeKind kind, ExchangePlayer player)
    {
        Func<int, PlayerFault> fault = player.Fault;
        Action<int> asked = player.Asked;
        player.Fault = _ => PlayerFault.None;
        player.Asked = _ => { };
        using TemporaryFolder folder = new();
        await using IListStore store = await ListStores.OpenAsync(
            "sqlite:" + folder["data"], TimeProvider.System, Token);
        ExchangeBench bench = new(store, player);
        await bench.AddAsync(kind);
        await bench.SyncAsync();
        (player.Fault, player.Asked) = (fault, asked);
        return await bench.ValuesAsync();
    }
}
