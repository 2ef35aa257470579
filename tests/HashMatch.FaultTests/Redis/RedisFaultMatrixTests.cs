using System.Diagnostics;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>
/// Redis at fault under a server that is asked for verdicts all the time: each is right, curating is refused at once
/// with a reason, and both sides of it work again when Redis does.
/// </summary>
public sealed class RedisFaultMatrixTests
{
    // Under 100 ms on a machine of one's own; ten times that in a crowd.
    private static readonly TimeSpan Refused = TimeSpan.FromMilliseconds(1000);
    private static readonly TimeSpan Recovered = TimeSpan.FromSeconds(10);
    private const string PauseMs = "8000";
    private static readonly TimeSpan Observed = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("killed", "STORE_UNAVAILABLE")]
    [InlineData("stopped", "STORE_UNAVAILABLE")]
    [InlineData("paused", "STORE_UNAVAILABLE")]
    [InlineData("writes paused", "STORE_UNAVAILABLE")]
    [InlineData("partitioned", "STORE_UNAVAILABLE")]
    [InlineData("held up", "STORE_UNAVAILABLE")]
    [InlineData("reset", "STORE_UNAVAILABLE")]
    [InlineData("truncated", "STORE_UNAVAILABLE")]
    [InlineData("full", "STORE_FULL")]
    [InlineData("read-only", "STORE_READ_ONLY")]
    [InlineData("without its replicas", "STORE_READ_ONLY")]
    public async Task Verdicts_go_on_and_curating_is_refused_at_once_while_redis_is(string fault, string reason)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using LoopbackProxy proxy = LoopbackProxy.Before(redis.Port);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            proxy.Address, Cancellation, "--HashMatch:StoreSilence=00:00:00.075");
        await server.SeesAsync("list", 1, Cancellation);
        await using UploadTraffic traffic = UploadTraffic.Over(server);
        await Task.Delay(Observed, Cancellation);

        await BreakAsync(fault, redis, proxy);
        traffic.Phase = "during";
        TimeSpan slowest = await RefusesAsync(server, reason);
        await Task.Delay(Observed, Cancellation);
        TimeSpan again = await RefusesAsync(server, reason);

        await MendAsync(fault, redis, proxy);
        long mended = Stopwatch.GetTimestamp();
        traffic.Phase = "after";
        TimeSpan recovery = await TakesChangesAsync(server, mended);
        ulong version = await LoadAsync(redis);
        await server.SeesAsync("list", version, Cancellation);
        TimeSpan followed = Stopwatch.GetElapsedTime(mended);

        Assert.Empty(traffic.Wrong);
        Assert.True(traffic.Count("during") > 20);
        double before = traffic.Percentile("before", 99);
        double during = traffic.Percentile("during", 99);
        FaultRow.Seen(
            $"Redis {fault}",
            $"verdicts right, p99 as before; {reason} within 100 ms; takes changes 1 s after it is mended",
            $"{traffic.Count("during")} verdicts right, p99 {before:0.0} ms before, {during:0.0} during; refused "
            + $"within {slowest.TotalMilliseconds:0} and {again.TotalMilliseconds:0} ms; took changes after "
            + $"{recovery.TotalMilliseconds:0} ms, new version matched after {followed.TotalMilliseconds:0} ms");
        Assert.True(slowest < Refused && again < Refused, $"refused after {slowest} and {again}");
        Assert.True(recovery < Recovered, $"takes changes after {recovery}");
        Assert.True(during < (before * 5) + 50, $"p99 {before} ms before, {during} ms during");
    }

    [Fact]
    public async Task A_slow_network_is_not_taken_for_silence()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using LoopbackProxy proxy = LoopbackProxy.Before(redis.Port);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            proxy.Address, Cancellation, "--HashMatch:StoreSilence=00:00:00.400");
        proxy.Delay = TimeSpan.FromMilliseconds(60);
        proxy.Break(ProxyFault.Delay);
        for (int i = 0; i < 10; i++)
        {
            await server.Lists.UpdateListAsync(
                new V1.UpdateListRequest { Name = "list", Description = $"{i}" }, cancellationToken: Cancellation);
        }

        V1.HashList list = await server.Lists.GetListAsync(
            new V1.GetListRequest { Name = "list" }, cancellationToken: Cancellation);
        Assert.Equal("9", list.Description);
        FaultRow.Seen("Redis 60 ms away", "changes are made", $"10 changes made, revision {list.Revision}");
    }

    [Fact]
    public async Task A_change_whose_answer_is_lost_is_not_said_to_have_failed()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using LoopbackProxy proxy = LoopbackProxy.Before(redis.Port);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            proxy.Address, Cancellation, "--HashMatch:StoreSilence=00:00:00.200");
        int unconfirmed = 0;
        int made = 0;
        for (int i = 0; i < 12; i++)
        {
            // The cut falls before the list is read, before the write, or before its answer.
            string wanted = $"{i}";
            Task<V1.HashList> change = server.Lists.UpdateListAsync(
                new V1.UpdateListRequest { Name = "list", Description = wanted },
                cancellationToken: Cancellation).ResponseAsync;
            await Task.Delay(TimeSpan.FromMilliseconds(i * 0.4), Cancellation);
            proxy.Break(ProxyFault.Drop);
            string said = "OK";
            try
            {
                await change;
            }
            catch (RpcException e)
            {
                said = Statuses.ReasonOf(e) ?? "";
            }

            proxy.Mend();
            await TakesChangesAsync(server, Stopwatch.GetTimestamp(), "probe");
            bool isThere = await DescriptionAsync(server) == wanted;
            made += isThere ? 1 : 0;
            unconfirmed += said == "STORE_UNCONFIRMED" ? 1 : 0;
            Assert.Contains(said, new[] { "OK", "STORE_UNAVAILABLE", "STORE_UNCONFIRMED" });
            Assert.True(said != "OK" || isThere, "said to be made, and is not there");
            Assert.True(said != "STORE_UNAVAILABLE" || !isThere, "said not to be made, and is there");
        }

        FaultRow.Seen(
            "answers lost at 12 moments of a change",
            "never `not made` of one that was made",
            $"{made} were made, of {unconfirmed} it was said that they may be");
    }

    // Connections come back one by one, and a busy machine may be silent once more.
    private static async Task<string> DescriptionAsync(RunningServer server)
    {
        string description = "";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    description = (await server.Lists.GetListAsync(
                        new V1.GetListRequest { Name = "list" }, cancellationToken: Cancellation)).Description;
                    return true;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the list is read", Cancellation);
        return description;
    }

    private static async Task BreakAsync(string fault, RedisServer redis, LoopbackProxy proxy)
    {
        switch (fault)
        {
            case "killed":
                redis.Kill();
                break;
            case "stopped":
                redis.Pause();
                break;
            case "paused":
                await redis.SendAsync(Cancellation, "CLIENT", "PAUSE", PauseMs, "ALL");
                break;
            case "writes paused":
                await redis.SendAsync(Cancellation, "CLIENT", "PAUSE", "60000", "WRITE");
                break;
            case "partitioned":
                proxy.Break(ProxyFault.Drop);
                break;
            case "held up":
                proxy.Break(ProxyFault.Hold);
                break;
            case "reset":
                proxy.Break(ProxyFault.Reset);
                break;
            case "truncated":
                proxy.Break(ProxyFault.Truncate);
                break;
            case "full":
                await redis.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "1");
                break;
            case "read-only":
                await redis.SendAsync(Cancellation, "REPLICAOF", "127.0.0.1", "1");
                break;
            default:
                await redis.SendAsync(Cancellation, "CONFIG", "SET", "min-replicas-to-write", "1");
                break;
        }
    }

    private static async Task MendAsync(string fault, RedisServer redis, LoopbackProxy proxy)
    {
        switch (fault)
        {
            case "killed":
                await redis.Start(Cancellation);
                break;
            case "stopped":
                redis.Resume();
                break;
            case "paused":
                // Nothing but time ends it: the command that would is held up too.
                await redis.SendAsync(Cancellation, "PING");
                break;
            case "writes paused":
                await redis.SendAsync(Cancellation, "CLIENT", "UNPAUSE");
                break;
            case "full":
                await redis.SendAsync(Cancellation, "CONFIG", "SET", "maxmemory", "0");
                break;
            case "read-only":
                await redis.SendAsync(Cancellation, "REPLICAOF", "NO", "ONE");
                break;
            case "without its replicas":
                await redis.SendAsync(Cancellation, "CONFIG", "SET", "min-replicas-to-write", "0");
                break;
            default:
                proxy.Mend();
                break;
        }
    }

    /// <summary>Every kind of change, one after the other.</summary>
    /// <returns>How long the slowest took to be refused.</returns>
    private static async Task<TimeSpan> RefusesAsync(RunningServer server, string reason)
    {
        Func<Task>[] calls =
        [
            async () => await server.Lists.CreateListAsync(
                new V1.CreateListRequest { Name = "other" }, cancellationToken: Cancellation),
            async () => await server.Lists.UpdateListAsync(
                new V1.UpdateListRequest { Name = "list", Description = "x" }, cancellationToken: Cancellation),
            async () => await server.Lists.DeleteListAsync(
                new V1.DeleteListRequest { Name = "list" }, cancellationToken: Cancellation),
        ];
        // A load that is begun in a fault that shows in writes alone is refused when it writes.
        calls = reason == "STORE_UNAVAILABLE" ? [.. calls, () => StageAsync(server)] : calls;
        TimeSpan slowest = default;
        foreach (Func<Task> call in calls)
        {
            long start = Stopwatch.GetTimestamp();
            RpcException refused = await Assert.ThrowsAsync<RpcException>(call);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Assert.Equal((StatusCode.Unavailable, reason), (refused.StatusCode, Statuses.ReasonOf(refused)));
            slowest = took > slowest ? took : slowest;
        }

        return slowest;
    }

    private static async Task<TimeSpan> TakesChangesAsync(
        RunningServer server, long since, string name = "recovered")
    {
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await server.Lists.CreateListAsync(
                        new V1.CreateListRequest { Name = name }, cancellationToken: Cancellation);
                    return true;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
                {
                    return true;
                }
            },
            "changes are taken", Cancellation);
        return Stopwatch.GetElapsedTime(since);
    }

    private static async Task<ulong> LoadAsync(RedisServer redis)
    {
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        await curator.AnswersAsync(Cancellation);
        HashEntry[] entries = [.. UploadTraffic.Listed, Curator.Entry(Entries.RandomPdq(9), "new")];
        return (ulong)await curator.LoadAsync("list", entries, Cancellation);
    }

    // A server that refuses a load ends its stream while the caller may still be sending.
    private static async Task StageAsync(RunningServer server)
    {
        using AsyncClientStreamingCall<V1.StageVersionRequest, V1.StageVersionResponse> call =
            server.Lists.StageVersion(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(
            new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
            Cancellation);
        await call;
    }
}
