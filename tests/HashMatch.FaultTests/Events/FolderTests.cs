using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.IntegrationTests.Telemetry;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Events;

/// <summary>Servers that have no folder for their log, that want the same one, or find a damaged one.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_folder_durable_matches_get_no_verdict_and_the_start_says_so()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        using ServerProgram program = await ServerProgram.StartReadyAsync(redis.Address, Cancellation);
        Assert.Contains("Events:WalFolder", program.Output, StringComparison.Ordinal);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        await RefusedAsync(server);
        using (var channel = Grpc.Net.Client.GrpcChannel.ForAddress(program.Addresses[0]))
        {
            await Statuses.FailsAsync(
                StatusCode.Unavailable, "EVENTS_NOT_DURABLE",
                async () => await new Proto.V1.Matching.MatchingClient(channel).MatchHashesAsync(
                    new Proto.V1.MatchHashesRequest
                    {
                        Queries = { new Proto.V1.HashQuery { Pdq = RecordedVerdicts.Known } },
                    },
                    cancellationToken: Cancellation),
                canRetry: true);
        }

        // A verdict that nobody was given is none.
        PrometheusText seen = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
        Assert.Equal(1, seen.Find("hashmatch_call_errors_total", ("reason", "EVENTS_NOT_DURABLE")));
        Assert.Null(seen.Find("hashmatch_verdicts_total"));
        Assert.Null(seen.Find("hashmatch_matches_total"));
        FaultRow.Seen(
            "no folder for the log, and a list with durable events",
            "a warning at the start, EVENTS_NOT_DURABLE for its matches",
            "both");
    }

    [Fact]
    public async Task A_second_server_in_the_same_folder_is_told_and_loses_nothing()
    {
        string store = $"sqlite:{_folder["data"]}";
        await RecordedVerdicts.CreateListAsync(store, Cancellation);
        RecordedVerdicts verdicts = new();
        await using RunningServer first = await RunningServer.StartReadyAsync(store, Cancellation);
        await using (RunningServer second = await RunningServer.StartReadyAsync(store, Cancellation))
        {
            await RefusedAsync(second);
            await using RunningServer third = await RunningServer.StartReadyAsync(
                store, Cancellation, $"--HashMatch:Events:WalFolder={_folder["own"]}");
            verdicts.Add([await first.MatchHashAsync(RecordedVerdicts.Known, Cancellation)]);
            verdicts.Add([await third.MatchHashAsync(RecordedVerdicts.Known, Cancellation)]);
        }

        await using IListStore opened = await ListStores.OpenAsync(store, TimeProvider.System, Cancellation);
        (int duplicates, int unseen) = await verdicts.OnRecordAsync(opened, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "two servers with one folder for the log",
            "the second gives no durable verdict, the first is as ever",
            $"{verdicts.Count} verdicts, 0 lost, {unseen} whose verdict nobody got");
    }

    [Fact]
    public async Task A_torn_tail_and_a_damaged_middle_are_told_and_the_rest_is_stored()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        string setting = $"--HashMatch:Events:WalFolder={_folder["log"]}";
        List<string> given = [];
        using (ServerProgram program = await ServerProgram.StartReadyAsync(redis.Address, Cancellation, setting))
        {
            using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(program.Addresses[0]);
            var matching = new Proto.V1.Matching.MatchingClient(channel);
            redis.Kill();
            for (int i = 0; i < 50; i++)
            {
                given.Add((await matching.MatchHashesAsync(
                    new Proto.V1.MatchHashesRequest
                    {
                        Queries = { new Proto.V1.HashQuery { Pdq = RecordedVerdicts.Known } },
                    },
                    cancellationToken: Cancellation)).Results[0].VerdictId);
            }

            program.Kill();
        }

        string file = Assert.Single(Directory.GetFiles(_folder["log"], "*.wal"));
        byte[] bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 0x40;
        await File.WriteAllBytesAsync(file, bytes[..^3], Cancellation);
        await redis.Start(Cancellation);
        using ServerProgram again = await ServerProgram.StartReadyAsync(redis.Address, Cancellation, setting);
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        IReadOnlyList<StoredEvent> events = [];
        await Eventually.TrueAsync(
            async () => (events = await store.ReadEventsAsync(null, 100, Cancellation)).Count >= 48,
            "the rest is stored", Cancellation);
        string[] read =
            [.. events.Select(e => Proto.V1.MatchEvent.Parser.ParseFrom(e.Document.Span).VerdictId)];
        Assert.Equal(given.Where(id => read.Contains(id)), read);
        Assert.Equal(48, read.Length);
        await Eventually.TrueAsync(
            () => again.Output.Contains("are damaged; events lost there: 1", StringComparison.Ordinal)
                && again.Output.Contains("are no whole event", StringComparison.Ordinal),
            "both are told", Cancellation);
        FaultRow.Seen(
            "a byte of the log changed and its tail torn while the server is down",
            "both told, all other events stored in order",
            $"{read.Length} of {given.Count} stored, in order, both told");
    }

    private static Task<string[]> RefusedAsync(RunningServer server) => Statuses.FailsAsync(
        StatusCode.Unavailable, "EVENTS_NOT_DURABLE",
        () => server.MatchHashAsync(RecordedVerdicts.Known, Cancellation), canRetry: true);
}
