using System.Diagnostics;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>
/// Figures, not checks; run by `HashMatch.IntegrationTests -explicit only -class '*BlobSpeedTests' -showLiveOutput`.
/// </summary>
public sealed class BlobSpeedTests(ITestOutputHelper output)
{
    private const int Blobs = 200;
    private const int BlobBytes = (2 * 1024 * 1024) - (16 * 1024);
    private const int AtOnce = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Blobs_in_sqlite()
    {
        using var folder = new TemporaryFolder();
        await MeasureAsync("sqlite:" + folder["data"]);
    }

    [Fact(Explicit = true)]
    public async Task Blobs_in_redis()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await MeasureAsync(server.Address);
    }

    [Fact(Explicit = true)]
    public async Task Blobs_in_a_redis_cluster()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Cancellation);
        await MeasureAsync(cluster.Address);
    }

    private async Task MeasureAsync(string address)
    {
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        byte[] data = new byte[BlobBytes];
        new Random(1).NextBytes(data);
        string[] ids = [.. Enumerable.Range(0, Blobs).Select(_ => Guid.NewGuid().ToString("N"))];
        await MeasureAsync("write", ids, (id, cancellation) => store.WriteBlobAsync("a", id, data, cancellation));
        await MeasureAsync("read", ids, async (id, cancellation) =>
            Assert.Equal(data.Length, (await store.ReadBlobAsync("a", id, cancellation))!.Length));
        var clock = Stopwatch.StartNew();
        await store.DeleteBlobsAsync("a", ids, Cancellation);
        output.WriteLine($"delete {clock.ElapsedMilliseconds} ms");
    }

    private async Task MeasureAsync(string what, string[] ids, Func<string, CancellationToken, Task> work)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation };
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(ids, options, async (id, cancellation) => await work(id, cancellation));
        output.WriteLine($"{what} {ids.Length * (long)BlobBytes / 1e6 / clock.Elapsed.TotalSeconds:F0} MB/s");
    }
}
