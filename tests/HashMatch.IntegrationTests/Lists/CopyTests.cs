using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Lists that move between stores.</summary>
public sealed class CopyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_that_goes_round_every_store_comes_back_equal()
    {
        using var folder = new TemporaryFolder();
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation);
        string[] addresses =
            ["sqlite:" + folder["first"], server.Address, cluster.Address, "sqlite:" + folder["last"]];
        HashEntry[] entries = SampleEntries.Make(seed: 11, 30_000);
        MatchPolicy policy = new()
        {
            Shadow = true,
            MaxDistance = 17,
            MinQuality = 60,
            Action = MatchAction.Block,
            Trim = false,
        };
        await using IListStore first = await ListStores.OpenAsync(addresses[0], TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(first, TimeProvider.System);
        Assert.True((await catalog.CreateAsync("a", "żółć 汉字", policy, Cancellation)).IsOk);
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            "a", SampleEntries.LinesAsync(entries), new StageOptions { Source = "файл.csv" }, null, Cancellation);
        Assert.True((await catalog.ActivateAsync("a", staged.Value!.Version!.Number, 0, Cancellation)).IsOk);
        for (int i = 1; i < addresses.Length; i++)
            await CopyAsync(addresses[i - 1], addresses[i]);
        await using IListStore last = await ListStores.OpenAsync(addresses[^1], TimeProvider.System, Cancellation);
        HashList copy = (await new ListCatalog(last, TimeProvider.System).ReadAsync("a", Cancellation)).Value!;
        Assert.Equal("żółć 汉字", copy.Description);
        Assert.Equal(policy, copy.Policy);
        Assert.Equal("файл.csv", copy.Versions[0].Source);
        Assert.Equal(StoredContent.Sorted(entries), await StoredContent.ReadAsync(last, "a", Cancellation));
    }

    private static async Task CopyAsync(string from, string to)
    {
        await using IListStore source = await ListStores.OpenAsync(from, TimeProvider.System, Cancellation);
        await using IListStore target = await ListStores.OpenAsync(to, TimeProvider.System, Cancellation);
        CatalogResult<HashList> copied = await new ListCatalog(source, TimeProvider.System).CopyAsync(
            "a", new ListCatalog(target, TimeProvider.System), false, null, Cancellation);
        Assert.True(copied.IsOk, copied.Message);
    }
}
