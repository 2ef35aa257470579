using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using HashMatch.Server.Configuration;
using HashMatch.Server.Recording;
using HashMatch.Server.Services;
using HashMatch.Server.Telemetry;
using HashMatch.Tests.Matching;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace HashMatch.Tests.Recording;

/// <summary>Verdicts on their way through the log into a store.</summary>
public sealed class EventWriterTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hashmatch-events-").FullName;
    private readonly ServerMetrics _metrics = new();
    private readonly LoggedLines<EventWriter> _log = new();
    private readonly List<int> _syncs = [];
    private Action _sync = () => { };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Verdicts_that_wait_at_the_same_time_share_a_sync()
    {
        using var held = new ManualResetEventSlim();
        using var isSyncing = new ManualResetEventSlim();
        _sync = () =>
        {
            isSyncing.Set();
            held.Wait(Cancellation);
        };
        await using TemporaryStore store = await TemporaryStore.OpenAsync();
        using EventWriter writer = await StartAsync(store.Store);
        Task<bool> first = writer.RecordAsync(Verdict(0), "", Cancellation).AsTask();
        isSyncing.Wait(Cancellation);
        Task<bool>[] others = [.. Enumerable.Range(1, 200).Select(
            i => writer.RecordAsync(Verdict(i), "", Cancellation).AsTask())];
        Task<bool> batch = writer.RecordAsync(
            [.. Enumerable.Range(201, 1000).Select(i => Verdict(i))], Cancellation).AsTask();
        // They are not answered before the disk has them.
        Assert.DoesNotContain(others.Append(first).Append(batch), task => task.IsCompleted);
        held.Set();
        Assert.All(await Task.WhenAll([first, batch, .. others]), Assert.True);
        Assert.Equal(2, _syncs.Count);
        await writer.StopAsync(Cancellation);
        Assert.Equal(1201, (await EventsAsync(store.Store)).Count);
        Assert.Equal(0, writer.Dropped);
    }

    [Fact]
    public async Task Only_lists_that_ask_for_it_wait_for_a_disk_that_hangs_and_not_for_ever()
    {
        using var held = new ManualResetEventSlim();
        _sync = () => held.Wait(Cancellation);
        await using TemporaryStore store = await TemporaryStore.OpenAsync();
        using EventWriter writer = await StartAsync(store.Store, TimeSpan.FromMilliseconds(50));
        Assert.False(await writer.RecordAsync(Verdict(0), "", Cancellation));
        Task<bool> other = writer.RecordAsync(Verdict(1) with { DurableEvents = false }, "", Cancellation).AsTask();
        Task<bool> none = writer.RecordAsync(Verdict(2) with { Matches = [] }, "", Cancellation).AsTask();
        Assert.True(other.IsCompletedSuccessfully && none.IsCompletedSuccessfully);
        Assert.True(await other && await none);
        Assert.True(await writer.RecordAsync((IReadOnlyList<Verdict>)[], Cancellation));
        held.Set();
        await writer.StopAsync(Cancellation);
        Assert.Equal(["0", "1"], await EventsAsync(store.Store));
    }

    [Fact]
    public async Task A_verdict_whose_disk_fails_is_told_and_its_events_are_on_record_where_they_can_be()
    {
        bool fails = true;
        _sync = () =>
        {
            if (fails)
            {
                throw new IOException("injected");
            }
        };
        await using TemporaryStore store = await TemporaryStore.OpenAsync();
        using EventWriter writer = await StartAsync(store.Store);
        Assert.False(await writer.RecordAsync(Verdict(0), "", Cancellation));
        Assert.Equal("injected", writer.Problem);
        writer.Record(Verdict(1) with { DurableEvents = false }, "");
        fails = false;
        int tries = 0;
        while (!await writer.RecordAsync(Verdict(2), "", Cancellation))
        {
            Assert.True(++tries < 10_000, "the log is not tried again");
            await Task.Delay(5, Cancellation);
        }

        Assert.Null(writer.Problem);
        await writer.StopAsync(Cancellation);
        IReadOnlyList<string> events = await EventsAsync(store.Store);
        Assert.Contains("0", events);
        Assert.Contains("1", events);
        Assert.Equal("2", events[^1]);
    }

    [Fact]
    public async Task Without_a_folder_lists_that_ask_for_it_get_no_and_others_are_stored_as_ever()
    {
        await using TemporaryStore store = await TemporaryStore.OpenAsync();
        using EventWriter writer = await StartAsync(store.Store, folder: "");
        Assert.NotNull(writer.Problem);
        Assert.False(await writer.RecordAsync(Verdict(0), "", Cancellation));
        for (int i = 1; i < 1500; i++)
        {
            Assert.True(await writer.RecordAsync(Verdict(i) with { DurableEvents = false }, "", Cancellation));
        }

        await writer.StopAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => $"{i}"), await EventsAsync(store.Store));
        Assert.Empty(_syncs);
        Assert.False(await writer.RecordAsync(Verdict(0), "", Cancellation));
    }

    [Fact]
    public async Task What_the_store_did_not_take_before_the_end_is_there_at_the_next_start()
    {
        // No server is there.
        await using (IListStore gone = await ListStores.OpenAsync(
            "redis:127.0.0.1:1", TimeProvider.System, Cancellation))
        {
            using EventWriter writer = await StartAsync(gone, drain: TimeSpan.FromMilliseconds(50));
            for (int i = 0; i < 700; i++)
            {
                Assert.True(await writer.RecordAsync(Verdict(i) with { DurableEvents = i % 2 == 0 }, "", Cancellation));
            }

            await writer.StopAsync(Cancellation);
            Assert.Equal(0, writer.Dropped);
        }

        await using TemporaryStore back = await TemporaryStore.OpenAsync();
        using EventWriter again = await StartAsync(back.Store);
        await again.StopAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, 700).Select(i => $"{i}"), await EventsAsync(back.Store));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "log"), "*.wal"));
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(IListStore store) =>
        [.. (await store.ReadEventsAsync(null, 10_000, Cancellation)).Select(e => EventMessages.Read(e).VerdictId)];

    private static Verdict Verdict(int number) => new()
    {
        Id = $"{number}",
        Time = DateTimeOffset.UnixEpoch,
        Outcome = Outcome.Near,
        Action = MatchAction.Block,
        DurableEvents = true,
        Generation = 1,
        ListVersions = [],
        Matches =
        [
            new Match
            {
                List = "list",
                ListVersion = 1,
                ExternalId = "x",
                Classification = "",
                Severity = "",
                Type = HashType.Pdq,
                Distance = 0,
                Orientation = Orientation.Original,
                Action = MatchAction.Block,
            },
        ],
    };

    private async Task<EventWriter> StartAsync(
        IListStore store, TimeSpan? timeout = null, string? folder = null, TimeSpan? drain = null)
    {
        var options = new ServerOptions
        {
            DrainTimeout = drain ?? TimeSpan.FromSeconds(60),
            Events = new EventsOptions
            {
                WalFolder = folder ?? Path.Combine(_folder, "log"),
                CommitTimeout = timeout ?? TimeSpan.FromMinutes(1),
            },
        };
        var writer = new EventWriter(
            store, options, new EventMetrics(_metrics), TimeProvider.System, _log, Sync);
        await writer.StartAsync(Cancellation);
        return writer;
    }

    private void Sync(SafeFileHandle file)
    {
        lock (_syncs)
        {
            _syncs.Add(0);
        }

        _sync();
    }
}
