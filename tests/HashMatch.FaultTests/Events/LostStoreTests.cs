using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Stores;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Events;

/// <summary>A store that takes no events for a while: verdicts go on, and nothing is dropped until the disk's bound.
/// </summary>
public sealed class LostStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_Redis_is_away_durable_verdicts_go_on_and_their_events_come_later(bool isKilled)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        RecordedVerdicts verdicts = new();
        await using (RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, $"--HashMatch:Events:WalFolder={_folder["log"]}"))
        {
            await MatchAsync(server, verdicts, 20);
            if (isKilled)
            {
                redis.Kill();
            }
            else
            {
                redis.Pause();
            }

            // More than there is room for in memory.
            await MatchAsync(server, verdicts, 70_000);
            if (isKilled)
            {
                await redis.Start(Cancellation);
            }
            else
            {
                redis.Resume();
            }

            await MatchAsync(server, verdicts, 20);
            await using IListStore store = await ListStores.OpenAsync(
                redis.Address, TimeProvider.System, Cancellation);
            (int duplicates, int unseen) = await verdicts.OnRecordAsync(store, Cancellation);
            Assert.Equal((0, 0), (duplicates, unseen));
            FaultRow.Seen(
                isKilled ? "Redis killed for a while" : "Redis paused (SIGSTOP) for a while",
                "durable verdicts go on, every event arrives later, once",
                $"{verdicts.Count} verdicts, 0 lost, {duplicates} twice");
        }

        Assert.Empty(Directory.GetFiles(_folder["log"], "*.wal"));
    }

    [Fact]
    public async Task A_log_over_its_bound_gives_no_verdict_until_the_store_takes_events_again()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        RecordedVerdicts verdicts = new();
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation,
            $"--HashMatch:Events:WalFolder={_folder["log"]}", "--HashMatch:Events:MaxWalBytes=1048576");
        await server.CreateAsync("other", null, [Entries.Pdq(Entries.RandomPdq(9), "o")], Cancellation);
        redis.Kill();
        RpcException? refused = null;
        while (refused is null)
        {
            try
            {
                await MatchAsync(server, verdicts, 500);
            }
            catch (RpcException e)
            {
                refused = e;
            }
        }

        Assert.Equal("EVENTS_NOT_DURABLE", Statuses.ReasonOf(refused));
        Assert.InRange(Directory.GetFiles(_folder["log"], "*.wal").Sum(file => new FileInfo(file).Length), 1, 1 << 20);
        // Whoever matches no durable list, or nothing, is not held up.
        Assert.Equal(
            V1.Outcome.Near, (await server.MatchHashAsync(Entries.RandomPdq(9), Cancellation)).Outcome);
        Assert.Equal(
            V1.Outcome.NoKnownMatch, (await server.MatchHashAsync(new string('5', 64), Cancellation)).Outcome);
        int held = verdicts.Count;

        await redis.Start(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await MatchAsync(server, verdicts, 1);
                    return true;
                }
                catch (RpcException e) when (Statuses.ReasonOf(e) == "EVENTS_NOT_DURABLE")
                {
                    return false;
                }
            },
            "durable verdicts are given again", Cancellation);
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        (int duplicates, _) = await verdicts.OnRecordAsync(store, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "Redis killed until the log is over Events:MaxWalBytes",
            "EVENTS_NOT_DURABLE for durable matches alone, no event lost, recovers with Redis",
            $"refused after {held} verdicts, {verdicts.Count} verdicts, 0 lost, {duplicates} twice");
    }

    private static async Task MatchAsync(RunningServer server, RecordedVerdicts verdicts, int count)
    {
        for (; count > 0; count -= 5000)
        {
            verdicts.Add((await server.Matching.MatchHashesAsync(
                new V1.MatchHashesRequest
                {
                    Queries =
                    {
                        Enumerable.Repeat(new V1.HashQuery { Pdq = RecordedVerdicts.Known }, Math.Min(count, 5000)),
                    },
                },
                cancellationToken: Cancellation)).Results);
        }
    }
}
