using System.Diagnostics;
using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>
/// `hashmatch lists load` in a process of its own, killed with SIGKILL at random moments, raced and starved: what is
/// active is always one whole version. HASHMATCH_KILLS says how many kills each store gets.
/// </summary>
public sealed class KilledLoadTests(ITestOutputHelper output)
{
    private const string Name = "a";

    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("HASHMATCH_KILLS") ?? "4", CultureInfo.InvariantCulture);

    // With a thousand bytes of note each: a few segments; or, when there is time for many kills, more than a sorting
    // buffer holds, so that it spills and merges too.
    private static readonly int Entries = Kills < 20 ? 8_000 : 40_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_at_random_moments_leave_one_whole_version_active_in_sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillAtRandomAsync("sqlite:" + folder["data"], folder);
    }

    [Fact]
    public async Task Kills_at_random_moments_leave_one_whole_version_active_in_redis()
    {
        using var folder = new TemporaryFolder();
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await KillAtRandomAsync(server.Address, folder);
    }

    [Fact]
    public async Task A_loader_that_was_overtaken_is_told_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        string address = "sqlite:" + folder["data"];
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        await CreateAsync(catalog, SampleEntries.Make(seed: 31, 1000));
        using ServerProcess slow = await StartHalfFedAsync(address, SampleEntries.Make(seed: 32, 20_000));
        HashEntry[] ours = SampleEntries.Make(seed: 33, 1000);
        long active = await LoadAsync(catalog, ours);
        slow.Input.Close();
        Assert.Equal(1, await slow.EndAsync(Cancellation));
        Assert.Contains("somebody else", slow.Output, StringComparison.Ordinal);
        HashList list = (await catalog.ReadAsync(Name, Cancellation)).Value!;
        Assert.Equal(active, list.ActiveVersion);
        Assert.Equal(StoredContent.Sorted(ours), await StoredContent.ReadAsync(store, Name, Cancellation));
    }

    [Fact]
    public async Task A_loader_killed_while_it_waits_for_its_file_leaves_no_trace()
    {
        using var folder = new TemporaryFolder();
        string address = "sqlite:" + folder["data"];
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        HashEntry[] old = SampleEntries.Make(seed: 41, 1000);
        await CreateAsync(catalog, old);
        using ServerProcess loader = await StartHalfFedAsync(address, SampleEntries.Make(seed: 42, 20_000));
        loader.Kill();
        HashList list = (await catalog.ReadAsync(Name, Cancellation)).Value!;
        Assert.Single(list.Versions);
        Assert.Equal(StoredContent.Sorted(old), await StoredContent.ReadAsync(store, Name, Cancellation));
    }

    private async Task KillAtRandomAsync(string address, TemporaryFolder folder)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        HashEntry[][] contents =
            [.. Enumerable.Range(0, 2).Select(i => SampleEntries.Make(unchecked(seed + i), Entries, 1000))];
        HashEntry[][] sorted = [.. contents.Select(StoredContent.Sorted)];
        string[] files = [folder["0.csv"], folder["1.csv"]];
        foreach ((string file, HashEntry[] content) in files.Zip(contents))
            await File.WriteAllTextAsync(file, SampleEntries.Csv(content), Cancellation);
        var clock = Stopwatch.StartNew();
        await RunToEndAsync(address, files[0]);
        TimeSpan whole = clock.Elapsed;
        int active = 0;
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        for (int kill = 0; kill < Kills; kill++)
        {
            int wanted = 1 - active;
            int blobs = (await store.ReadBlobsAsync(Name, Cancellation)).Count;
            using ServerProcess loader = HashMatchTool.Start(address, "lists", "load", Name, files[wanted]);
            string moment = kill % 2 == 0
                ? await WaitAsync(loader, whole * (0.2 + (random.NextDouble() * 0.9)))
                : await WaitAsync(loader, store, blobs + random.Next(1, 6));
            bool ended = loader.HasExited;
            loader.Kill();
            HashEntry[]? content = await StoredContent.ReadAsync(store, Name, Cancellation);
            int found = Array.FindIndex(sorted, whole => StoredContent.AreEqual(whole, content));
            output.WriteLine($"kill {kill} {moment}, ended {ended}: {found}");
            Assert.InRange(found, 0, 1);
            Assert.True(!ended || found == wanted, "A load that ended is active: " + loader.Output);
            active = found;
        }
        var catalog = new ListCatalog(store, TimeProvider.System);
        output.WriteLine($"collected {await catalog.CollectGarbageAsync(TimeSpan.Zero, Cancellation)} blobs");
        Assert.True(StoredContent.AreEqual(
            sorted[active], await StoredContent.ReadAsync(store, Name, Cancellation)));
        await RunToEndAsync(address, files[1 - active]);
        Assert.True(StoredContent.AreEqual(
            sorted[1 - active], await StoredContent.ReadAsync(store, Name, Cancellation)));
    }

    private static async Task<string> WaitAsync(ServerProcess loader, TimeSpan time)
    {
        await Task.WhenAny(loader.EndAsync(Cancellation), Task.Delay(time, Cancellation));
        return $"after {time.TotalMilliseconds:F0} ms";
    }

    // In the middle of writing, however fast the machine is.
    private static async Task<string> WaitAsync(ServerProcess loader, IListStore store, int blobs)
    {
        await Eventually.TrueAsync(
            async () => loader.HasExited || (await store.ReadBlobsAsync(Name, Cancellation)).Count >= blobs,
            "the loader writes", Cancellation);
        return $"at blob {blobs}";
    }

    private static async Task RunToEndAsync(string address, string file)
    {
        (int exitCode, string printed) = await HashMatchTool.RunAsync(
            address, Cancellation, "lists", "load", Name, file);
        Assert.True(exitCode == 0, printed);
    }

    // A pipe holds 64 KiB: once more than that is written, the loader has read the list and begun with its file.
    private static async Task<ServerProcess> StartHalfFedAsync(string address, HashEntry[] entries)
    {
        ServerProcess loader = HashMatchTool.Start(
            address, "lists", "load", Name, "-", "--format", "csv");
        await loader.Input.WriteAsync(SampleEntries.Csv(entries));
        await loader.Input.FlushAsync(Cancellation);
        return loader;
    }

    private static async Task CreateAsync(ListCatalog catalog, HashEntry[] entries)
    {
        Assert.True((await catalog.CreateAsync(Name, "", new MatchPolicy(), Cancellation)).IsOk);
        await LoadAsync(catalog, entries);
    }

    private static async Task<long> LoadAsync(ListCatalog catalog, HashEntry[] entries)
    {
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            Name, SampleEntries.LinesAsync(entries), new StageOptions(), null, Cancellation);
        Assert.True(staged.IsOk, staged.Message);
        long version = staged.Value.Version!.Number;
        Assert.True((await catalog.ActivateAsync(Name, version, null, Cancellation)).IsOk);
        return version;
    }
}
