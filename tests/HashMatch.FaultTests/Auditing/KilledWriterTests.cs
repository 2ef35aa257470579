using System.Diagnostics;
using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Auditing;

/// <summary>
/// Tools that change lists, several at once, each killed at a random moment: no change is without its record, and a
/// record without its change says so. HASHMATCH_KILLS says how many kills each store gets.
/// </summary>
public sealed class KilledWriterTests(ITestOutputHelper output)
{
    private const int AtOnce = 3;

    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("HASHMATCH_KILLS") ?? "9", CultureInfo.InvariantCulture);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_of_writers_leave_a_whole_audit_log_in_sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillAtRandomAsync("sqlite:" + folder["data"], "SQLite");
    }

    [Fact]
    public async Task Kills_of_writers_leave_a_whole_audit_log_in_redis()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await KillAtRandomAsync(server.Address, "Redis");
    }

    private async Task KillAtRandomAsync(string address, string name)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        int ended = 0;
        var clock = Stopwatch.StartNew();
        Assert.True(await KillAsync(store, address, "first", Timeout.InfiniteTimeSpan));
        TimeSpan whole = clock.Elapsed;
        for (int kill = 0; kill < Kills; kill += AtOnce)
        {
            bool[] round = await Task.WhenAll(Enumerable.Range(kill, AtOnce).Select(number =>
                KillAsync(
                    store, address, $"list-{number}",
                    number % 2 == 0 ? null : whole * (0.6 + random.NextDouble()))));
            ended += round.Count(each => each);
        }

        // One that ends: the log takes records behind those whose writers were killed.
        (int exitCode, string printed) = await HashMatchTool.RunAsync(address, Cancellation, "lists", "create", "last");
        Assert.True(exitCode == 0, printed);
        var log = new AuditLog(store, TimeProvider.System);
        AuditReport report = await log.VerifyAsync([], [], null, Cancellation);
        IReadOnlyList<AuditView> views = await log.ReadAsync(0, 1000, null, Cancellation);
        string[] made = [.. (await catalog.ReadAllAsync(Cancellation)).Select(list => $"list:{list.Name}")];
        string[] recorded = [.. views.Where(view => view.Effect == AuditEffect.Done)
            .Select(view => view.Record!.Subject).Order(StringComparer.Ordinal)];
        Assert.Equal(made, recorded);
        Assert.All(views, view => Assert.True(view.Effect is AuditEffect.Done or AuditEffect.Pending));

        // Nobody can tell a change that was never made from one that was taken back: each is named.
        long[] pending = [.. views.Where(view => view.Effect == AuditEffect.Pending).Select(view => view.Place)];
        Assert.Equal(pending, report.Faults.Select(fault => fault.First).Order());
        Assert.All(report.Faults, fault => Assert.Contains("is pending", fault.What, StringComparison.Ordinal));
        Assert.True(!store.WritesRecordWithChange || pending.Length == 0);
        FaultRow.Seen(
            $"kill -9 of {Kills} writers of lists, {AtOnce} at once, {name}",
            "no change without a record, the chain is whole, each record without its change is named",
            $"{made.Length} lists, {views.Count} records, {ended} writers ended before their kill, "
                + $"{pending.Length} named as pending");
    }

    // Null: as soon as there is one more record, which may be before its change.
    private static async Task<bool> KillAsync(IListStore store, string address, string list, TimeSpan? after)
    {
        long before = (await store.ReadAuditHeadAsync(Cancellation)).Sequence;
        using ServerProcess writer = HashMatchTool.Start(address, "lists", "create", list);
        if (after is { } time)
        {
            await Task.WhenAny(writer.EndAsync(Cancellation), Task.Delay(time, Cancellation));
        }

        while (after is null && !writer.HasExited
            && (await store.ReadAuditHeadAsync(Cancellation)).Sequence == before)
        {
            // A pause would be over after the change.
        }

        bool ended = writer.HasExited;
        writer.Kill();
        return ended;
    }
}
