using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Stores;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Events;

/// <summary>A disk that is full or read-only: a durable match gets no verdict rather than no event.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _disk;
    private bool _isMounted;

    public FullDiskTests() => _disk = Directory.CreateDirectory(_folder["disk"]).FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static bool IsCi =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", _disk);
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_costs_durable_verdicts_and_no_event_and_ends_when_there_is_room()
    {
        Mount("size=1m");
        string store = $"sqlite:{_folder["data"]}";
        await RecordedVerdicts.CreateListAsync(store, Cancellation);
        RecordedVerdicts verdicts = new();
        await using RunningServer server = await RunningServer.StartReadyAsync(
            store, Cancellation, $"--HashMatch:Events:WalFolder={Path.Combine(_disk, "log")}");
        verdicts.Add([await server.MatchHashAsync(RecordedVerdicts.Known, Cancellation)]);
        string filler = Path.Combine(_disk, "filler");
        Fill(filler);
        // The last block of the log's file has room for a few more.
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    verdicts.Add([await server.MatchHashAsync(RecordedVerdicts.Known, Cancellation)]);
                    return false;
                }
                catch (RpcException)
                {
                    return true;
                }
            },
            "the disk is full", Cancellation);
        await RefusedAsync(server);
        V1.MatchResponse none = await server.MatchHashAsync(new string('5', 64), Cancellation);
        Assert.Equal(V1.Outcome.NoKnownMatch, none.Outcome);

        File.Delete(filler);
        await GivenAgainAsync(server, verdicts);
        await using IListStore opened = await ListStores.OpenAsync(store, TimeProvider.System, Cancellation);
        (int duplicates, int unseen) = await verdicts.OnRecordAsync(opened, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "the log's disk is full (tmpfs)",
            "EVENTS_NOT_DURABLE for durable matches alone, no event lost, recovers when there is room",
            $"{verdicts.Count} verdicts, 0 lost, {duplicates} twice, {unseen} whose verdict nobody got");
    }

    [Fact]
    public async Task A_disk_that_fills_up_under_load_loses_no_event_of_a_verdict_that_was_given()
    {
        Mount("size=1m");
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await RecordedVerdicts.CreateListAsync(redis.Address, Cancellation);
        RecordedVerdicts verdicts = new();
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, $"--HashMatch:Events:WalFolder={Path.Combine(_disk, "log")}");
        redis.Pause();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task load = verdicts.LoadAsync(server.Address, 8, stop.Token);
        await Eventually.TrueAsync(() => verdicts.Errors > 20, "the disk is full", Cancellation);
        redis.Resume();
        int given = verdicts.Count;
        await Eventually.TrueAsync(() => verdicts.Count > given + 100, "verdicts are given again", Cancellation);
        await stop.CancelAsync();
        await load;
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        (int duplicates, int unseen) = await verdicts.OnRecordAsync(store, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "the log's disk fills up under load while Redis is paused",
            "every verdict that was given has its event, once",
            $"{verdicts.Count} verdicts, {verdicts.Errors} refused, 0 lost, {duplicates} twice, "
            + $"{unseen} whose verdict nobody got");
    }

    [Fact]
    public async Task A_read_only_disk_costs_durable_verdicts_until_it_is_writable()
    {
        Mount("size=1m,ro");
        string store = $"sqlite:{_folder["data"]}";
        await RecordedVerdicts.CreateListAsync(store, Cancellation);
        RecordedVerdicts verdicts = new();
        await using RunningServer server = await RunningServer.StartReadyAsync(
            store, Cancellation, $"--HashMatch:Events:WalFolder={Path.Combine(_disk, "log")}");
        await RefusedAsync(server);
        Assert.Equal(0, Run("mount", "-o", "remount,rw", _disk));
        await GivenAgainAsync(server, verdicts);
        await using IListStore opened = await ListStores.OpenAsync(store, TimeProvider.System, Cancellation);
        (int duplicates, _) = await verdicts.OnRecordAsync(opened, Cancellation);
        Assert.Equal(0, duplicates);
        FaultRow.Seen(
            "the log's disk is read-only at the start",
            "EVENTS_NOT_DURABLE for durable matches, recovers when it is writable",
            $"{verdicts.Count} verdicts after, 0 lost, {duplicates} twice");
    }

    private static async Task RefusedAsync(RunningServer server)
    {
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "EVENTS_NOT_DURABLE",
            () => server.MatchHashAsync(RecordedVerdicts.Known, Cancellation), canRetry: true);
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "EVENTS_NOT_DURABLE",
            () => server.MatchAsync(RecordedVerdicts.Picture, Cancellation), canRetry: true);
        using var stream = server.Matching.MatchStream(cancellationToken: Cancellation);
        await stream.RequestStream.WriteAsync(
            new V1.MatchStreamRequest { Tag = 7, Image = ByteString.CopyFrom(RecordedVerdicts.Picture) },
            Cancellation);
        await stream.RequestStream.CompleteAsync();
        Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
        V1.ItemError error = stream.ResponseStream.Current.Error;
        Assert.Equal(("EVENTS_NOT_DURABLE", true), (error.Reason, error.RetryAfterMs > 0));
        V1.MatchResponse held = await server.MatchAsync(
            RecordedVerdicts.Picture, Cancellation,
            new V1.MatchOptions { WhenIndeterminate = V1.WhenIndeterminate.Allow });
        Assert.Equal(
            (V1.Outcome.Indeterminate, V1.IndeterminateReason.EventsNotDurable, V1.Action.Hold),
            (held.Outcome, held.IndeterminateReason, held.Action));
    }

    private static Task GivenAgainAsync(RunningServer server, RecordedVerdicts verdicts) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                verdicts.Add([await server.MatchAsync(RecordedVerdicts.Picture, Cancellation)]);
                return true;
            }
            catch (RpcException e) when (Statuses.ReasonOf(e) == "EVENTS_NOT_DURABLE")
            {
                return false;
            }
        },
        "durable verdicts are given again", Cancellation);

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Mount(string options)
    {
        const string Reason = "A tmpfs cannot be mounted: that takes root, on Linux.";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess
            || Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", _disk) != 0)
        {
            // A container without CAP_SYS_ADMIN cannot have it, in CI either.
            Assert.SkipWhen(!IsCi || !Environment.IsPrivilegedProcess || IsConfined(), Reason);
            Assert.Fail(Reason);
        }

        _isMounted = true;
    }

    private static bool IsConfined() => !OperatingSystem.IsLinux()
        || File.ReadLines("/proc/self/status").Any(line =>
            line.StartsWith("CapEff:", StringComparison.Ordinal)
            && (Convert.ToUInt64(line[7..].Trim(), 16) & (1UL << 21)) == 0);
}
