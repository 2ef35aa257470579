using System.Diagnostics;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Processes;

/// <summary>
/// SIGKILL to the `hashmatch` tool while it activates, rolls back and imports: the list is as it was or as it should
/// become, whole, and the same command said again does it. Loads: `KilledLoadTests`.
/// </summary>
public sealed class ToolKillTests(ITestOutputHelper output)
{
    private const string Name = "list";
    private const int Count = 2_000;
    private static readonly int Kills = LongRuns.Times(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_at_any_moment_over_sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillAsync("sqlite:" + folder["data"], folder, "SQLite");
    }

    [Fact]
    public async Task Kills_at_any_moment_over_redis()
    {
        using var folder = new TemporaryFolder();
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await KillAsync(redis.Address, folder, "Redis");
    }

    private async Task KillAsync(string address, TemporaryFolder folder, string name)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        await using var list = await KilledList.CreateAsync(store, address, folder, seed);
        foreach (string what in (string[])["activate", "rollback", "import"])
        {
            (int done, int ended) = (0, 0);
            await list.MeasureAsync(what);
            for (int kill = 0; kill < Kills; kill++)
            {
                (bool isDone, bool hasEnded) = await list.KillAsync(what, kill);
                done += isDone ? 1 : 0;
                ended += hasEnded ? 1 : 0;
            }

            FaultRow.Seen(
                $"SIGKILL x{Kills} of `hashmatch lists {what}`, {name}",
                "the list is as before or as after, whole; said again, it is done",
                $"{done} were done, {ended} of them ended before the kill; wrong 0");
        }

        int swept = await list.Catalog.CollectGarbageAsync(TimeSpan.Zero, Cancellation);
        output.WriteLine($"{swept} blobs were left over, and swept");
        await list.IsWholeAsync();
    }

    /// <summary>Two contents, versions and snapshots of each, and the tool that goes from one to the other.</summary>
    private sealed class KilledList : IAsyncDisposable
    {
        private readonly IListStore _store;
        private readonly string _address;
        private readonly Random _random;
        private readonly HashEntry[][] _sorted;
        private readonly string[] _snapshots;
        private readonly long[] _versions = new long[2];
        private TimeSpan _whole;

        private KilledList(IListStore store, string address, TemporaryFolder folder, int seed)
        {
            _store = store;
            _address = address;
            _random = new Random(seed);
            _sorted = [.. Enumerable.Range(0, 2).Select(i => StoredContent.Sorted(
                SampleEntries.Make(unchecked(seed + i), Count, noteLength: 200)))];
            _snapshots = [folder["0.hms"], folder["1.hms"]];
            Catalog = new ListCatalog(store, TimeProvider.System);
        }

        public ListCatalog Catalog { get; }

        public static async Task<KilledList> CreateAsync(
            IListStore store, string address, TemporaryFolder folder, int seed)
        {
            var list = new KilledList(store, address, folder, seed);
            Assert.True((await list.Catalog.CreateAsync(Name, "", new MatchPolicy(), Cancellation)).IsOk);
            for (int i = 0; i < 2; i++)
            {
                list._versions[i] = await list.StageAsync(i);
                await list.RunAsync("activate", Name, $"{list._versions[i]}");
                await list.RunAsync("export", Name, "--to", list._snapshots[i]);
            }

            return list;
        }

        /// <summary>Lets the tool do it once, for its time.</summary>
        public async Task MeasureAsync(string what)
        {
            string[] command = await PrepareAsync(what, 0);
            long start = Stopwatch.GetTimestamp();
            await RunAsync(command);
            _whole = Stopwatch.GetElapsedTime(start);
            Assert.Equal(0, await IsWholeAsync());
        }

        /// <summary>Starts the tool, kills it, and looks; where nothing was done, says it again.</summary>
        public async Task<(bool IsDone, bool HasEnded)> KillAsync(string what, int kill)
        {
            int wanted = kill % 2;
            string[] command = await PrepareAsync(what, wanted);
            bool hasEnded = await KilledAsync(command, atWrite: kill % 3 == 0);
            int found = await IsWholeAsync();
            Assert.True(!hasEnded || found == wanted, $"{what} ended, and was not done");
            if (found != wanted)
            {
                await RunAsync(command);
                Assert.Equal(wanted, await IsWholeAsync());
            }

            return (found == wanted, hasEnded);
        }

        /// <summary>Every entry of the active version is read and compared.</summary>
        /// <returns>Which content it is.</returns>
        public async Task<int> IsWholeAsync()
        {
            HashEntry[]? content = await StoredContent.ReadAsync(_store, Name, Cancellation);
            int found = Array.FindIndex(_sorted, each => StoredContent.AreEqual(each, content));
            Assert.InRange(found, 0, 1);
            return found;
        }

        public ValueTask DisposeAsync()
        {
            Array.ForEach(_snapshots, File.Delete);
            return ValueTask.CompletedTask;
        }

        // The other content is active then.
        private async Task<string[]> PrepareAsync(string what, int wanted)
        {
            await SetAsync(1 - wanted);
            return what switch
            {
                "activate" => ["activate", Name, $"{await StageAsync(wanted)}"],
                "rollback" => ["rollback", Name, "--to", $"{_versions[wanted]}"],
                _ => ["import", _snapshots[wanted], "--unsigned"],
            };
        }

        // At the write: as soon as there is one more record, which over Redis is before its change.
        private async Task<bool> KilledAsync(string[] command, bool atWrite)
        {
            long before = (await _store.ReadAuditHeadAsync(Cancellation)).Sequence;
            using ServerProcess tool = HashMatchTool.Start(_address, ["lists", .. command]);
            if (atWrite)
            {
                while (!tool.HasExited && (await _store.ReadAuditHeadAsync(Cancellation)).Sequence == before)
                {
                    // A pause would be over after the change.
                }
            }
            else
            {
                // A random moment is what is tested, the last steps more often than the start of a process.
                TimeSpan moment = _whole * (0.5 + (_random.NextDouble() * 0.5));
                await Task.WhenAny(tool.EndAsync(Cancellation), Task.Delay(moment, Cancellation));
            }

            bool hasEnded = tool.HasExited;
            tool.Kill();
            return hasEnded && await tool.EndAsync(Cancellation) == 0;
        }

        private async Task RunAsync(params string[] command)
        {
            (int exitCode, string printed) = await HashMatchTool.RunAsync(
                _address, Cancellation, ["lists", .. command]);
            Assert.True(exitCode == 0, printed);
        }

        private async Task<long> StageAsync(int content)
        {
            CatalogResult<StageResult> staged = await Catalog.StageAsync(
                Name, SampleEntries.LinesAsync(_sorted[content]), new StageOptions(), null, Cancellation);
            Assert.True(staged.IsOk, staged.Message);
            return staged.Value.Version!.Number;
        }

        // Both were active before.
        private async Task SetAsync(int content)
        {
            HashList list = (await Catalog.ReadAsync(Name, Cancellation)).Value!;
            if (list.ActiveVersion != _versions[content])
            {
                CatalogResult<HashList> active = await Catalog.RollBackAsync(
                    Name, _versions[content], null, Cancellation);
                Assert.True(active.IsOk, active.Message);
            }
        }
    }
}
