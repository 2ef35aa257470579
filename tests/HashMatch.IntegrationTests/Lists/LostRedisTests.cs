using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Redis goes away in the middle of a load: what is active stays, and the load can be tried again.</summary>
public sealed class LostRedisTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stopped")]
    [InlineData("killed")]
    [InlineData("paused")]
    [InlineData("full")]
    public async Task A_load_that_loses_its_server_fails_and_changes_nothing(string fault)
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(server.Address, TimeProvider.System, Cancellation);
        // Small, so that blobs are written all through the load.
        var catalog = new ListCatalog(store, TimeProvider.System)
        {
            Limits = new StagingLimits { BufferBytes = 256 * 1024, SpillBytes = 32 * 1024 },
        };
        HashEntry[] old = SampleEntries.Make(seed: 21, 2_000);
        HashEntry[] wanted = SampleEntries.Make(seed: 22, 20_000);
        Assert.True((await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation)).IsOk);
        await LoadAsync(catalog, old);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.StageAsync(
            "a", BreakHalfWayAsync(server, wanted, fault), new StageOptions(), null, Cancellation)
            .WaitAsync(Eventually.Deadline, Cancellation));
        await MendAsync(server, fault);
        await Eventually.TrueAsync(
            async () => await AnswersAsync(store), "the store answers again", Cancellation);
        HashList list = (await catalog.ReadAsync("a", Cancellation)).Value!;
        Assert.Equal(1, Assert.Single(list.Versions).Number);
        Assert.Equal(StoredContent.Sorted(old), await StoredContent.ReadAsync(store, "a", Cancellation));
        await LoadAsync(catalog, wanted);
        Assert.Equal(StoredContent.Sorted(wanted), await StoredContent.ReadAsync(store, "a", Cancellation));
        await catalog.CollectGarbageAsync(TimeSpan.Zero, Cancellation);
        Assert.Equal(0, await catalog.CollectGarbageAsync(TimeSpan.Zero, Cancellation));
        Assert.Equal(StoredContent.Sorted(wanted), await StoredContent.ReadAsync(store, "a", Cancellation));
    }

    private static async Task LoadAsync(ListCatalog catalog, HashEntry[] entries)
    {
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            "a", SampleEntries.LinesAsync(entries), new StageOptions(), null, Cancellation);
        Assert.True(staged.IsOk, staged.Message);
        CatalogResult<HashList> active = await catalog.ActivateAsync(
            "a", staged.Value.Version!.Number, null, force: true, Cancellation);
        Assert.True(active.IsOk, active.Message);
    }

    private static async IAsyncEnumerable<ListLine> BreakHalfWayAsync(
        RedisServer server, HashEntry[] entries, string fault)
    {
        await foreach (ListLine line in SampleEntries.LinesAsync(entries))
        {
            if (line.Line == entries.Length / 2)
                await BreakAsync(server, fault);
            yield return line;
        }
    }

    private static async Task BreakAsync(RedisServer server, string fault)
    {
        switch (fault)
        {
            case "stopped":
                server.Stop();
                break;
            case "killed":
                server.Kill();
                break;
            case "paused":
                server.Pause();
                break;
            default:
                await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "1");
                break;
        }
    }

    private static async Task MendAsync(RedisServer server, string fault)
    {
        switch (fault)
        {
            case "stopped" or "killed":
                await server.Start(Cancellation);
                break;
            case "paused":
                server.Resume();
                break;
            default:
                await server.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "0");
                break;
        }
    }

    private static async Task<bool> AnswersAsync(IListStore store)
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
    }
}
