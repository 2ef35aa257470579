using System.Diagnostics;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>A network between the server and Redis that takes every frame and delivers none.</summary>
public sealed class PartitionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verdicts_go_on_through_a_partition_and_changes_are_refused_at_once_and_taken_again()
    {
        await using PartitionedRedis redis = await PartitionedRedis.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, "--HashMatch:StoreSilence=00:00:00.075");
        await server.SeesAsync("list", 1, Cancellation);
        await using UploadTraffic traffic = UploadTraffic.Over(server);
        await Eventually.TrueAsync(() => traffic.Count("before") > 20, "verdicts come", Cancellation);

        await redis.CutAsync(Cancellation);
        traffic.Phase = "during";
        TimeSpan slowest = default;
        // Long enough for the client to give its connections up, and to be refused new ones by nobody.
        long cut = Stopwatch.GetTimestamp();
        string said = "";
        int refused = 0;
        while (Stopwatch.GetElapsedTime(cut) < TimeSpan.FromSeconds(7))
        {
            long start = Stopwatch.GetTimestamp();
            RpcException e = await Assert.ThrowsAsync<RpcException>(() => ChangeAsync(server, "during"));
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Assert.Equal(StatusCode.Unavailable, e.StatusCode);
            Assert.Contains(Statuses.ReasonOf(e), new[] { "STORE_UNAVAILABLE", "STORE_UNCONFIRMED" });
            if (took > slowest)
            {
                (slowest, said) = (took, $"{e.Status.Detail} ({Stopwatch.GetElapsedTime(cut).TotalSeconds:0.0} s)");
            }

            refused++;
            await Task.Delay(100, Cancellation);
        }

        await redis.MendAsync(Cancellation);
        long mended = Stopwatch.GetTimestamp();
        traffic.Phase = "after";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await ChangeAsync(server, "after");
                    return true;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "changes are taken", Cancellation);
        TimeSpan recovery = Stopwatch.GetElapsedTime(mended);
        ulong version = await LoadAsync(redis);
        await server.SeesAsync("list", version, Cancellation);
        Assert.Empty(traffic.Wrong);
        FaultRow.Seen(
            "a network that delivers no frame between the server and Redis, for 7 s",
            "verdicts right; changes refused within 100 ms; taken again 1 s after it is mended",
            $"{traffic.Count("during")} verdicts right; {refused} changes refused, the slowest within "
            + $"{slowest.TotalMilliseconds:0} ms, {said}; taken after {recovery.TotalMilliseconds:0} ms");
        Assert.True(traffic.Count("during") > 0 && refused > 0);
    }

    private static async Task ChangeAsync(RunningServer server, string description) =>
        await server.Lists.UpdateListAsync(
            new V1.UpdateListRequest { Name = "list", Description = description }, cancellationToken: Cancellation);

    private static async Task<ulong> LoadAsync(PartitionedRedis redis)
    {
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        HashEntry[] entries = [.. UploadTraffic.Listed, Curator.Entry(Entries.RandomPdq(9), "new")];
        return (ulong)await curator.LoadAsync("list", entries, Cancellation);
    }
}
