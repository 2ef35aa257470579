using System.Diagnostics;
using Grpc.Core;
using Grpc.Health.V1;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Recovery;
using HashMatch.Server.Configuration;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>A server that starts while Redis is away, or empty, with lists saved on its disk and without.</summary>
public sealed class ColdStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Saved => _folder["saved"];

    private string KeyFile => _folder["key"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    [InlineData("flushed")]
    public async Task A_server_matches_against_what_it_saved_and_says_how_old_it_is_until_redis_is_back(string fault)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await SaveAsync(redis);
        await BreakAsync(redis, fault);
        long start = Stopwatch.GetTimestamp();
        await using (RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, Settings()))
        {
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            await using UploadTraffic traffic = UploadTraffic.Over(server);
            V1.MatchResponse verdict = await server.MatchHashAsync(UploadTraffic.Known, Cancellation);
            Assert.Equal((V1.Outcome.Near, true), (verdict.Outcome, verdict.Degraded));
            Assert.InRange(verdict.IndexAge.ToTimeSpan(), TimeSpan.Zero, TimeSpan.FromMinutes(10));
            V1.MatchResponse image = await server.MatchAsync(DrawnPicture.Draw(3), Cancellation);
            Assert.Equal((V1.Outcome.Exact, true), (image.Outcome, image.Degraded));
            Assert.Equal(
                HealthCheckResponse.Types.ServingStatus.Serving,
                await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation));
            await MendAsync(redis, fault);
            await server.SeesAsync("list", fault == "flushed" ? 1ul : 2ul, Cancellation);
            await Eventually.TrueAsync(
                async () => !(await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
                "the index is in step", Cancellation);
            Assert.Empty(traffic.Wrong);
            FaultRow.Seen(
                $"start while Redis is {fault}",
                "verdicts from the saved lists, degraded with their age, until Redis is back",
                $"ready after {took.TotalSeconds:0.0} s, age {verdict.IndexAge.ToTimeSpan().TotalSeconds:0.0} s; "
                + "then followed Redis and was not degraded");
        }
    }

    [Theory]
    [InlineData("nothing saved")]
    [InlineData("a file cut off")]
    [InlineData("a file altered")]
    [InlineData("the key is another")]
    [InlineData("they are too old")]
    [InlineData("the index may not be so old")]
    public async Task A_server_without_lists_that_it_may_use_is_not_ready_and_gives_no_verdict(string why)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await SaveAsync(redis);
        redis.Kill();
        string[] more = await SpoilAsync(why);
        await using RunningServer server = await RunningServer.StartAsync(
            redis.Address, Cancellation, [.. Settings(), .. more]);
        string reason = why == "the index may not be so old" ? "INDEX_TOO_OLD" : "INDEX_NOT_READY";
        await Eventually.TrueAsync(
            async () => await ReasonAsync(server) == reason, "the index is " + reason, Cancellation);
        // Well past the wait for the store.
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Equal(reason, await ReasonAsync(server));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await server.HealthOfAsync("", Cancellation));
        await redis.Start(Cancellation);
        await server.ReadyAsync(Cancellation);
        Assert.False((await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded);
        FaultRow.Seen(
            $"start while Redis is away; of saved lists: {why}",
            "not ready until Redis is back",
            $"{reason}, then ready");
    }

    [Fact]
    public async Task A_server_killed_at_any_moment_of_saving_leaves_lists_that_are_whole()
    {
        const int Rounds = 4;
        const int Count = 4_000;
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        long version = 1;
        await curator.CreateAsync("list", Versioned(version, Count), Cancellation);
        await WriteKeyAsync('7');
        for (int round = 0; round < Rounds; round++)
        {
            using ServerProgram server = await ServerProgram.StartReadyAsync(
                redis.Address, Cancellation, [.. Settings(), "--HashMatch:AllowEmptyIndex=true"]);
            await Eventually.TrueAsync(
                () => Directory.Exists(Saved) && Directory.EnumerateFiles(
                    Saved, "lists", SearchOption.AllDirectories).Any(),
                "lists are saved", Cancellation);
            // Saves come a second apart, so that one is under way at most of these moments.
            long until = Stopwatch.GetTimestamp() + (long)(random.NextDouble() * 2.5 * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < until)
            {
                version = await curator.LoadAsync("list", Versioned(version + 1, Count), Cancellation);
            }

            server.Kill();
            long saved = await RestoredVersionAsync(Count);
            Assert.InRange(saved, 1, version);
            FaultRow.Seen(
                $"kill -9 while lists are saved (seed {seed})", "the last whole save is there",
                $"version {saved} of {version}, whole");
        }
    }

    [Fact]
    public async Task A_full_disk_costs_no_verdict()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small tmpfs needs root");
        Directory.CreateDirectory(Saved);
        Assert.SkipUnless(
            await RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", Saved) == 0, "tmpfs cannot be mounted");
        try
        {
            await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
            await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
            await WriteKeyAsync('7');
            await using RunningServer server = await RunningServer.StartReadyAsync(
                redis.Address, Cancellation, Settings());
            await Eventually.TrueAsync(
                () => Directory.EnumerateFiles(Saved, "lists", SearchOption.AllDirectories).Any(),
                "lists are saved", Cancellation);
            await using UploadTraffic traffic = UploadTraffic.Over(server);
            await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
            HashEntry[] large = [.. UploadTraffic.Listed, .. Versioned(1, 20_000)];
            ulong version = (ulong)await curator.LoadAsync("list", large, Cancellation);
            await server.SeesAsync("list", version, Cancellation);
            await Eventually.TrueAsync(() => server.SnapshotFailures > 0, "a save has failed", Cancellation);
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            Assert.Empty(traffic.Wrong);
            Assert.Empty(Directory.EnumerateFiles(Saved, "*.tmp", SearchOption.AllDirectories));
            FaultRow.Seen(
                "the disk of saved lists is full", "verdicts go on, the failure is counted",
                $"{traffic.Count("before")} verdicts right, {server.SnapshotFailures} failures");
        }
        finally
        {
            await RunAsync("umount", "-l", Saved);
        }
    }

    [Fact]
    public async Task An_index_that_falls_out_of_step_says_so_after_five_seconds()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        Assert.False((await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded);
        redis.Pause();
        await Eventually.TrueAsync(
            async () => (await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "verdicts say that they are degraded", Cancellation);
        TimeSpan age = (await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).IndexAge.ToTimeSpan();
        Assert.True(age > TimeSpan.FromSeconds(5), $"{age}");
        redis.Resume();
        await Eventually.TrueAsync(
            async () => !(await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "the index is in step again", Cancellation);
        FaultRow.Seen("Redis stopped for long", "degraded with its age after 5 s", $"age {age.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task Lists_are_not_saved_unencrypted_unless_that_is_said()
    {
        ConfigurationException refused = await Assert.ThrowsAsync<ConfigurationException>(
            () => RunningServer.StartAsync(
                "sqlite:" + _folder["data"], Cancellation, "--HashMatch:Snapshot:Folder=" + Saved));
        Assert.Contains("Snapshot:KeyFile", refused.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(KeyFile, "no key", Cancellation);
        refused = await Assert.ThrowsAsync<ConfigurationException>(
            () => RunningServer.StartAsync("sqlite:" + _folder["data"], Cancellation, Settings()));
        Assert.DoesNotContain(_folder.Path, refused.Message, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            await WriteKeyAsync('7');
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            refused = await Assert.ThrowsAsync<ConfigurationException>(
                () => RunningServer.StartAsync("sqlite:" + _folder["data"], Cancellation, Settings()));
            Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<HashEntry> Versioned(long version, int count) => Enumerable.Range(0, count)
        .Select(i => Curator.Entry(Entries.RandomPdq((int)(version * count) + i), $"v{version}"));

    private static async Task<string> ReasonAsync(RunningServer server)
    {
        try
        {
            await server.MatchHashAsync(UploadTraffic.Known, Cancellation);
            return "";
        }
        catch (RpcException e)
        {
            return Statuses.ReasonOf(e);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    private static async Task BreakAsync(RedisServer redis, string fault)
    {
        switch (fault)
        {
            case "killed":
                redis.Kill();
                break;
            case "stopped":
                redis.Pause();
                break;
            default:
                await redis.SendAsync(Cancellation, "FLUSHALL");
                break;
        }
    }

    private static async Task MendAsync(RedisServer redis, string fault)
    {
        switch (fault)
        {
            case "killed":
                await redis.Start(Cancellation);
                break;
            case "stopped":
                redis.Resume();
                break;
        }

        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        await curator.AnswersAsync(Cancellation);
        await curator.Catalog.CreateAsync("list", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
        await curator.LoadAsync("list", UploadTraffic.Listed, Cancellation);
    }

    private string[] Settings() =>
    [
        "--HashMatch:Snapshot:Folder=" + Saved, "--HashMatch:Snapshot:KeyFile=" + KeyFile,
        "--HashMatch:Snapshot:Wait=00:00:00.5",
    ];

    private async Task WriteKeyAsync(char digit)
    {
        await File.WriteAllTextAsync(KeyFile, new string(digit, 64), Cancellation);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Has a server save the list, and ends it.</summary>
    private async Task SaveAsync(RedisServer redis)
    {
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await WriteKeyAsync('7');
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation, Settings());
        await server.SeesAsync("list", 1, Cancellation);
        await Eventually.TrueAsync(
            () => Directory.EnumerateFiles(Saved, "lists", SearchOption.AllDirectories).Any(),
            "lists are saved", Cancellation);
    }

    private async Task<string[]> SpoilAsync(string why)
    {
        string[] files = [.. Directory.EnumerateFiles(Saved, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file).Length == 32)];
        switch (why)
        {
            case "nothing saved":
                Directory.Delete(Saved, recursive: true);
                return [];
            case "a file cut off":
                File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..^1]);
                return [];
            case "a file altered":
                byte[] content = await File.ReadAllBytesAsync(files[0], Cancellation);
                content[content.Length / 2] ^= 1;
                await File.WriteAllBytesAsync(files[0], content, Cancellation);
                return [];
            case "the key is another":
                await WriteKeyAsync('8');
                return [];
            case "they are too old":
                await Task.Delay(TimeSpan.FromSeconds(1.5), Cancellation);
                return ["--HashMatch:Snapshot:MaxAge=00:00:01"];
            default:
                return ["--HashMatch:MaxIndexAge=00:00:01"];
        }
    }

    // As a server would read it.
    private async Task<long> RestoredVersionAsync(int count)
    {
        byte[] key = await File.ReadAllBytesAsync(KeyFile, Cancellation);
        using SnapshotFolder folder = SnapshotFolder.Open(Saved, SnapshotKey.Read(key), long.MaxValue);
        using CurrentIndex index = new();
        await using Curator nobody = await Curator.OpenAsync("sqlite:" + _folder["empty"], Cancellation);
        using ListReplica replica = new(nobody.Store, index, TimeProvider.System);
        Assert.True(await folder.RestoreAsync(folder.Read()!, replica, Cancellation));
        IndexedList list = Assert.Single(index.Value!.Lists);
        Assert.Equal(count, list.Content.Counts.Total);
        Assert.All(
            list.Content.Segments,
            view => Assert.Equal($"v{list.Version}", view.Segment.EntryAt(0).ExternalId));
        return list.Version;
    }
}
