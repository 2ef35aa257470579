using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Events;

/// <summary>kill -9 of a server under load: what a caller was told of is on record, once.</summary>
public sealed class KilledServerTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 5;
    private const int Callers = 12;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_on_SQLite_that_is_killed_at_any_moment_loses_no_event() =>
        await KillAsync("SQLite", $"sqlite:{_folder["data"]}", null);

    [Fact]
    public async Task A_server_on_Redis_that_is_killed_at_any_moment_loses_no_event()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await KillAsync("Redis", redis.Address, redis);
    }

    [Fact]
    public async Task Events_that_wait_on_disk_when_a_server_is_asked_to_end_are_there_after_the_next_start()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        RecordedVerdicts verdicts = new();
        string[] settings = Settings("--HashMatch:DrainTimeout=00:00:01");
        using (ServerProgram program = await ServerProgram.StartReadyAsync(redis.Address, Cancellation, settings))
        {
            redis.Kill();
            await LoadAsync(verdicts, program, 200);
            program.Terminate();
            Assert.Equal(0, await program.EndAsync(Cancellation));
            Assert.Contains("wait on disk for the next start", program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("were not stored", program.Output, StringComparison.Ordinal);
        }

        await redis.Start(Cancellation);
        using ServerProgram again = await ServerProgram.StartReadyAsync(redis.Address, Cancellation, settings);
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        (int duplicates, int unseen) = await verdicts.OnRecordAsync(store, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "SIGTERM under load while Redis is down",
            "every verdict's event in Redis after the next start",
            $"{verdicts.Count} verdicts, 0 lost, {duplicates} twice, {unseen} whose verdict nobody got");
    }

    private static async Task LoadAsync(RecordedVerdicts verdicts, ServerProgram program, int more)
    {
        int wanted = verdicts.Count + more;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task load = verdicts.LoadAsync(program.Addresses[0], Callers, stop.Token);
        await Eventually.TrueAsync(() => verdicts.Count >= wanted, "verdicts come", Cancellation);
        await stop.CancelAsync();
        await load;
    }

    private string[] Settings(params string[] more) =>
        [$"--HashMatch:Events:WalFolder={_folder["log"]}", "--HashMatch:Images:Timeout=00:02:00", .. more];

    private async Task KillAsync(string name, string address, RedisServer? redis)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await RecordedVerdicts.CreateListAsync(address, Cancellation);
        RecordedVerdicts verdicts = new();
        for (int round = 0; round < Rounds; round++)
        {
            using ServerProgram program = await ServerProgram.StartReadyAsync(address, Cancellation, Settings());
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            int before = verdicts.Count;
            Task load = verdicts.LoadAsync(program.Addresses[0], Callers, stop.Token);
            await Eventually.TrueAsync(() => verdicts.Count > before, "verdicts come", Cancellation);
            await Task.Delay(random.Next(700), Cancellation);
            // Every other time with events that the store has not taken.
            bool isPaused = redis is not null && round % 2 == 1;
            if (isPaused)
            {
                redis!.Pause();
                await Task.Delay(random.Next(300), Cancellation);
            }

            program.Kill();
            await stop.CancelAsync();
            await load;
            if (isPaused)
            {
                redis!.Resume();
            }

            output.WriteLine($"round {round}: {verdicts.Count - before} verdicts before the kill");
        }

        using ServerProgram last = await ServerProgram.StartReadyAsync(address, Cancellation, Settings());
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        (int duplicates, int unseen) = await verdicts.OnRecordAsync(store, Cancellation);
        Assert.Equal(0, duplicates);
        Assert.True(verdicts.Count > Rounds * Callers);
        FaultRow.Seen(
            $"kill -9 of the server at {Rounds} random moments under load, {name}",
            "every verdict that a caller got has its event in the store, once",
            $"{verdicts.Count} verdicts, 0 lost, {duplicates} twice, {unseen} whose verdict nobody got");
    }
}
