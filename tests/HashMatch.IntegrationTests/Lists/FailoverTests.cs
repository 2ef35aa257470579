using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>kill -9 of a master that has a replica, while lists are loaded, edited and matched.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 9).Select(i => $"list-{i}")];

    private readonly List<(string List, HashEntry Entry)> _acknowledged = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_a_cluster_edits_that_were_acknowledged_survive_and_matching_never_stops()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation, withReplicas: true);
        await using IListStore store = await OpenAsync(cluster.Address);
        await EditThroughAsync(store, () => cluster.Masters[1].Kill());
        await AssertOnSurvivorsAsync(cluster.Address);
    }

    [Fact]
    public async Task Behind_sentinel_edits_that_were_acknowledged_survive_and_matching_never_stops()
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(sentinel.Address);
        await EditThroughAsync(store, () => sentinel.Master.Kill());
        await AssertOnSurvivorsAsync(sentinel.Address);
    }

    [Fact]
    public async Task Over_a_cluster_a_load_goes_through_or_fails_whole_and_works_when_tried_again()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation, withReplicas: true);
        await using IListStore store = await OpenAsync(cluster.Address);
        var catalog = new ListCatalog(store, TimeProvider.System)
        {
            Limits = new StagingLimits { BufferBytes = 256 * 1024, SpillBytes = 32 * 1024 },
        };
        HashEntry[] old = SampleEntries.Make(seed: 61, 500);
        HashEntry[] wanted = SampleEntries.Make(seed: 62, 20_000);
        await FoundEntries.CreateAsync(catalog, "a", old, Cancellation);
        Exception? fault = await Record.ExceptionAsync(() => catalog.StageAsync(
            "a", KillHalfWayAsync(cluster.Masters[2], wanted), new StageOptions(), null, Cancellation)
            .WaitAsync(Eventually.Deadline, Cancellation));
        output.WriteLine($"the load: {fault?.Message ?? "went through"}");
        Assert.True(fault is null or StoreUnavailableException, fault?.ToString());
        await TryUntilAsync(async () => Assert.Equal(
            StoredContent.Sorted(old), await StoredContent.ReadAsync(store, "a", Cancellation)));
        await TryUntilAsync(() => FoundEntries.LoadAsync(catalog, "a", wanted, Cancellation));
        Assert.True(StoredContent.AreEqual(
            StoredContent.Sorted(wanted), await StoredContent.ReadAsync(store, "a", Cancellation)));
    }

    [Fact]
    public async Task Lists_of_servers_that_are_there_are_followed_while_another_is_away()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation);
        await using IListStore store = await OpenAsync(cluster.Address);
        var catalog = new ListCatalog(store, TimeProvider.System);
        HashEntry[] entries = FoundEntries.Pdq(seed: 64, 1_000);
        foreach ((string name, int i) in Names.Select((name, i) => (name, i)))
            await FoundEntries.CreateAsync(catalog, name, [entries[i]], Cancellation);
        var current = new CurrentIndex();
        using var replica = new ListReplica(store, current, TimeProvider.System);
        Assert.True(await replica.RefreshAsync(Cancellation));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task following = replica.RunAsync(_ => { }, stop.Token);

        // Not that which has the lists' names: without it no list is written to.
        int slot = int.Parse(
            await cluster.Masters[0].SendAsync(Cancellation, "CLUSTER", "KEYSLOT", "hm:{catalog}:lists"),
            CultureInfo.InvariantCulture);
        cluster.Masters[((slot * 3 / 16384) + 1) % 3].Kill();
        var followed = new HashSet<string>();
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (string name in Names)
                {
                    var update = new ListUpdate { MinQuality = 60 + followed.Count };
                    try
                    {
                        Assert.True((await catalog.UpdateAsync(name, update, Cancellation)).IsOk);
                    }
                    catch (StoreUnavailableException)
                    {
                        continue;
                    }

                    await Eventually.TrueAsync(
                        () => current.Value!.Lists.Single(list => list.Name == name).Policy.MinQuality
                            == update.MinQuality,
                        "a change of a list that is there is followed", Cancellation);
                    followed.Add(name);
                }
                return followed.Count >= 3;
            },
            "lists can be changed whose servers are there", Cancellation);
        Assert.True(followed.Count < Names.Length, "Some list's server is away.");

        // The others are as they were, and the replica does not claim to be in step.
        Assert.All(entries[..Names.Length], entry => Assert.True(FoundEntries.Has(current, entry)));
        Assert.NotNull(replica.Fault);
        await stop.CancelAsync();
        await following;
    }

    // Edits all lists in turn, kills a master after a while, and goes on until every list took an edit after that.
    private async Task EditThroughAsync(IListStore store, Action kill)
    {
        var catalog = new ListCatalog(store, TimeProvider.System);
        HashEntry[] entries = FoundEntries.Pdq(seed: 63, 2_000);
        foreach ((string name, int i) in Names.Select((name, i) => (name, i)))
            await FoundEntries.CreateAsync(catalog, name, [entries[i]], Cancellation);
        var current = new CurrentIndex();
        using var replica = new ListReplica(store, current, TimeProvider.System);
        Assert.True(await replica.RefreshAsync(Cancellation));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task following = replica.RunAsync(_ => { }, stop.Token);
        Task<long> finding = FoundEntries.KeepFindingAsync(current, entries[0], stop.Token);
        var since = new HashSet<string>();
        int refused = 0;
        for (int i = Names.Length; since.Count < Names.Length; i++)
        {
            if (i == Names.Length * 4)
                kill();
            Assert.True(i < entries.Length && !finding.IsCompleted, "Edits came through again, and matching went on.");
            string name = Names[i % Names.Length];
            try
            {
                Assert.True((await catalog.AddEntriesAsync(name, [entries[i]], Cancellation)
                    .WaitAsync(Eventually.Deadline, Cancellation)).IsOk);
                _acknowledged.Add((name, entries[i]));
                if (i >= Names.Length * 4)
                    since.Add(name);
            }
            catch (StoreUnavailableException)
            {
                refused++;
                await Task.Delay(20, Cancellation);
            }
        }

        await Eventually.TrueAsync(
            () => _acknowledged.TrueForAll(edit => FoundEntries.Has(current, edit.Entry)),
            "the replica has every acknowledged edit", Cancellation);
        await stop.CancelAsync();
        await following;
        output.WriteLine($"{_acknowledged.Count} edits, {refused} refused, {await finding} calls");
        Assert.True(refused > 0, "The kill was felt.");
    }

    private async Task AssertOnSurvivorsAsync(string address)
    {
        await using IListStore another = await OpenAsync(address);
        var current = new CurrentIndex();
        using var replica = new ListReplica(another, current, TimeProvider.System);
        await Eventually.TrueAsync(
            async () => await replica.RefreshAsync(Cancellation), "a new replica loads", Cancellation);
        Assert.Null(replica.Fault);
        Assert.Equal(Names, current.Value!.Lists.Select(list => list.Name));
        Assert.All(_acknowledged, edit => Assert.True(FoundEntries.Has(current, edit.Entry), edit.List));
    }

    private static async IAsyncEnumerable<ListLine> KillHalfWayAsync(RedisServer master, HashEntry[] entries)
    {
        await foreach (ListLine line in SampleEntries.LinesAsync(entries))
        {
            if (line.Line == entries.Length / 2)
                master.Kill();
            yield return line;
        }
    }

    private static Task TryUntilAsync(Func<Task> step) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await step();
                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        },
        "the store answers again", Cancellation);

    private static Task<IListStore> OpenAsync(string address) =>
        ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
}
