using System.Diagnostics;
using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Recovery;
using Xunit;

namespace HashMatch.FaultTests.Redis;

/// <summary>What saving lists takes, and a start from them beside one from Redis. HASHMATCH_SAVED_ENTRIES chooses how
/// many entries.</summary>
public sealed class SavedListsSpeedTests(ITestOutputHelper output)
{
    private static readonly int Count = int.Parse(
        Environment.GetEnvironmentVariable("HASHMATCH_SAVED_ENTRIES") ?? "50000", CultureInfo.InvariantCulture);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_from_saved_lists_has_what_a_start_from_redis_has_and_an_edit_saves_its_delta_alone()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        await curator.CreateAsync("list", Numbered(0, Count), Cancellation);
        using var folder = new TemporaryFolder();
        SnapshotKey key = SnapshotKey.Read(new byte[SnapshotKey.KeyBytes])!;
        using SnapshotFolder saved = SnapshotFolder.Open(folder["saved"], key, long.MaxValue);
        using CurrentIndex index = new();
        using ListReplica replica = new(curator.Store, index, TimeProvider.System);
        double fromRedis = await MsAsync(() => replica.RefreshAsync(Cancellation));
        double save = await MsAsync(() => saved.SaveAsync(replica, curator.Store, Cancellation));
        long bytes = saved.Bytes;
        using CurrentIndex restoredIndex = new();
        using ListReplica restored = new(curator.Store, restoredIndex, TimeProvider.System);
        double fromDisk = await MsAsync(() => saved.RestoreAsync(saved.Read()!, restored, Cancellation));
        Assert.Equal(
            index.Value!.Lists.Single().Content.Counts, restoredIndex.Value!.Lists.Single().Content.Counts);

        Assert.True((await curator.Catalog.AddEntriesAsync("list", [.. Numbered(Count, 1)], Cancellation)).IsOk);
        await replica.RefreshAsync(Cancellation);
        await redis.SendAsync(Cancellation, "CONFIG", "RESETSTAT");
        double edit = await MsAsync(() => saved.SaveAsync(replica, curator.Store, Cancellation));
        string commands = await redis.SendAsync(Cancellation, "INFO", "commandstats");
        Assert.Contains("cmdstat_get:calls=1,", commands, StringComparison.Ordinal);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} entries, {bytes / 1e6:0.0} MB: from Redis {fromRedis:0} ms, saved in {save:0} ms, from disk "
            + $"{fromDisk:0} ms, an edit saved in {edit:0} ms"));
    }

    private static IEnumerable<HashEntry> Numbered(int first, int count)
    {
        byte[] hash = new byte[32];
        for (int i = first; i < first + count; i++)
        {
            new Random(i).NextBytes(hash);
            yield return Curator.Entry(Convert.ToHexStringLower(hash), $"id-{i}");
        }
    }

    private static async Task<double> MsAsync(Func<Task<bool>> work)
    {
        long start = Stopwatch.GetTimestamp();
        Assert.True(await work());
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
