using System.Diagnostics;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>A master that dies, or falls silent, while Sentinel has a replica to take over.</summary>
public sealed class RedisFailoverTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    public async Task While_a_replica_takes_over_verdicts_go_on_and_then_changes_do(string fault)
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(sentinel.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            sentinel.Address, Cancellation, "--HashMatch:StoreSilence=00:00:00.075");
        await server.SeesAsync("list", 1, Cancellation);
        await using UploadTraffic traffic = UploadTraffic.Over(server);
        if (fault == "killed")
        {
            sentinel.Master.Kill();
        }
        else
        {
            sentinel.Master.Pause();
        }

        long broken = Stopwatch.GetTimestamp();
        traffic.Phase = "during";
        TimeSpan slowest = default;
        string said = "";
        int refused = 0;
        bool isMade = false;
        await Eventually.TrueAsync(
            async () =>
            {
                long start = Stopwatch.GetTimestamp();
                try
                {
                    await server.Lists.UpdateListAsync(
                        new V1.UpdateListRequest { Name = "list", Description = "after" },
                        cancellationToken: Cancellation);
                    isMade = true;
                }
                catch (RpcException e)
                {
                    Assert.Equal(StatusCode.Unavailable, e.StatusCode);
                    Assert.StartsWith("STORE_", Statuses.ReasonOf(e), StringComparison.Ordinal);
                    TimeSpan took = Stopwatch.GetElapsedTime(start);
                    if (took > slowest)
                    {
                        TimeSpan at = Stopwatch.GetElapsedTime(broken);
                        (slowest, said) = (took, $"{e.Status.Detail} ({at.TotalSeconds:0.0} s)");
                    }

                    refused++;
                }

                return isMade;
            },
            "the replica takes changes", Cancellation);
        TimeSpan recovery = Stopwatch.GetElapsedTime(broken);
        await Eventually.TrueAsync(
            async () => !(await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "the index is in step", Cancellation);
        Assert.Empty(traffic.Wrong);
        Assert.True(refused > 0, $"None was refused, one made after {recovery.TotalSeconds:0.0} s");
        FaultRow.Seen(
            $"a master behind Sentinel is {fault}",
            "verdicts right; changes refused at once until the replica has taken over",
            $"{traffic.Count("during")} verdicts right; {refused} changes refused, the slowest within "
            + $"{slowest.TotalMilliseconds:0} ms, {said}; taken again after {recovery.TotalSeconds:0.0} s");
    }
}
