using Grpc.Core;
using Grpc.Health.V1;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>A Redis that is not there, that goes away, and that comes back.</summary>
public sealed class StoreFaultTests
{
    private static readonly string First = Entries.RandomPdq(1);
    private static readonly string Second = Entries.RandomPdq(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_store_a_server_is_not_ready_and_says_so_until_the_store_is_there()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using (RunningServer filling = await RunningServer.StartReadyAsync(redis.Address, Cancellation))
        {
            await filling.CreateAsync("list", null, [Entries.Pdq(First, "a")], Cancellation);
        }

        redis.Stop();
        await using RunningServer server = await RunningServer.StartAsync(redis.Address, Cancellation);
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "INDEX_NOT_READY", () => server.MatchHashAsync(First, Cancellation),
            canRetry: true);
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "INDEX_NOT_READY",
            () => server.MatchAsync(DrawnPicture.Draw(1), Cancellation), canRetry: true);
        await CurationFailsAsync(server);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await server.HealthOfAsync("", Cancellation));
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.NotServing,
            await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation));
        Assert.Equal(
            System.Net.HttpStatusCode.ServiceUnavailable,
            (await server.Json.GetAsync("/health/ready", Cancellation)).StatusCode);
        Assert.Equal(
            System.Net.HttpStatusCode.OK, (await server.Json.GetAsync("/health/live", Cancellation)).StatusCode);

        await redis.Start(Cancellation);
        await server.ReadyAsync(Cancellation);
        Assert.Equal(V1.Outcome.Near, (await server.MatchHashAsync(First, Cancellation)).Outcome);
    }

    [Fact]
    public async Task While_its_store_is_away_a_server_matches_on_and_keeps_its_events()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        await server.CreateAsync("list", null, [Entries.Pdq(First, "a")], Cancellation);

        redis.Kill();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await server.Lists.ListListsAsync(new V1.ListListsRequest(), cancellationToken: Cancellation);
                    return false;
                }
                catch (RpcException)
                {
                    return true;
                }
            },
            "the store is seen to be away", Cancellation);
        await CurationFailsAsync(server);
        V1.MatchResponse verdict = await server.MatchHashAsync(First, Cancellation);
        Assert.Equal((V1.Outcome.Near, 1ul), (verdict.Outcome, verdict.ListVersions.Single().Version));
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation));

        await redis.Start(Cancellation);
        Assert.Equal(
            "a", (await Eventual(() => Record.EventAsync(server, verdict.VerdictId, Cancellation))).Match.ExternalId);
        Assert.Equal(2ul, await Eventual(() => server.LoadAsync("list", [Entries.Pdq(Second, "b")], Cancellation)));
    }

    [Fact]
    public async Task A_change_that_no_replica_confirmed_is_said_to_be_written_and_unconfirmed()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation, "--repl-diskless-sync-delay", "0");
        await using RedisServer replica = await RedisServer.StartAsync(
            Cancellation, "--replicaof", $"127.0.0.1 {redis.Port}");
        await replica.FollowsAsync(Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        replica.Pause();
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "STORE_UNCONFIRMED",
            () => server.Lists.CreateListAsync(
                new V1.CreateListRequest { Name = "list" }, cancellationToken: Cancellation).ResponseAsync,
            canRetry: true);
        replica.Resume();
        Assert.Equal("list", (await server.Lists.GetListAsync(
            new V1.GetListRequest { Name = "list" }, cancellationToken: Cancellation)).Name);
    }

    [Fact]
    public async Task An_index_that_is_too_old_is_not_answered_from()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, "--HashMatch:MaxIndexAge=00:00:05");
        await server.CreateAsync("list", null, [Entries.Pdq(First, "a")], Cancellation);
        redis.Kill();
        await Eventually.TrueAsync(
            async () => !server.IsMatching
                && await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation)
                    == HealthCheckResponse.Types.ServingStatus.NotServing,
            "the index is too old", Cancellation);
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "INDEX_TOO_OLD", () => server.MatchHashAsync(First, Cancellation),
            canRetry: true);
        await redis.Start(Cancellation);
        await Eventually.TrueAsync(() => server.IsMatching, "the index is in step again", Cancellation);
        Assert.Equal(V1.Outcome.Near, (await server.MatchHashAsync(First, Cancellation)).Outcome);
    }

    private static Task<string[]> CurationFailsAsync(RunningServer server) => Statuses.FailsAsync(
        StatusCode.Unavailable, "STORE_UNAVAILABLE",
        () => server.Lists.CreateListAsync(
            new V1.CreateListRequest { Name = "other" }, cancellationToken: Cancellation).ResponseAsync,
        canRetry: true);

    /// <summary>The first answer that is not UNAVAILABLE.</summary>
    private static async Task<T> Eventual<T>(Func<Task<T>> call)
    {
        T? answer = default;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    answer = await call();
                    return true;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the store is back", Cancellation);
        return answer!;
    }
}
