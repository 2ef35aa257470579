using System.Diagnostics;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>kill -9 of `lists load` at random moments.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Loads that are killed; raise it to look harder.</summary>
    private const int Kills = 10;

    private const int Entries = 50_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_active_stays_whole_however_a_load_is_killed()
    {
        using var tool = new ToolProcess();
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        await LoadAsync(tool, 0);
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        int became = 0;
        for (int i = 1; i <= Kills; i++)
        {
            string file = tool.Write($"{i}.csv", ListFiles.Csv(i, Entries + i));
            using Process load = tool.Start("lists", "load", "cases", file);
            load.StandardInput.Close();
            _ = load.StandardOutput.ReadToEndAsync(Cancellation);
            _ = load.StandardError.ReadToEndAsync(Cancellation);

            // A random moment is what is tested, the last steps of a load more often than its first ones.
            TimeSpan moment = whole * Math.Sqrt(random.NextDouble()) * 1.1;
            await Task.WhenAny(load.WaitForExitAsync(Cancellation), Task.Delay(moment, Cancellation));
            load.Kill();
            await load.WaitForExitAsync(Cancellation);
            int active = await ActiveSeedAsync(tool);
            Assert.True(active == became || active == i, $"{active} is active after the kill of {i}, {became} before");
            output.WriteLine($"killed {i} after {moment.TotalMilliseconds:0} ms: {active} is active");
            became = active;
        }

        await LoadAsync(tool, Kills + 1);
        Assert.Equal(Kills + 1, await ActiveSeedAsync(tool));
    }

    private static async Task LoadAsync(ToolProcess tool, int seed)
    {
        string file = tool.Write($"{seed}.csv", ListFiles.Csv(seed, Entries + seed));
        ToolResult load = await tool.RunAsync(Cancellation, "lists", "load", "cases", file);
        Assert.True(load.ExitCode == 0, load.Error);
    }

    /// <summary>Which file is active, told by its number of entries; every one of them must be found.</summary>
    private static async Task<int> ActiveSeedAsync(ToolProcess tool)
    {
        await using IListStore store = await ListStores.OpenAsync(tool.Store, TimeProvider.System, Cancellation);
        var current = new CurrentIndex();
        var replica = new ListReplica(store, current, TimeProvider.System);
        await replica.RefreshAsync(Cancellation);
        Assert.Null(replica.Fault);
        HashList list = (await new ListCatalog(store, TimeProvider.System).ReadAsync("cases", Cancellation)).Value!;
        ListVersion active = list.Versions.Single(version => version.Number == list.ActiveVersion);
        Assert.Equal(active.Number, Assert.Single(current.Value!.Lists).Version);
        int seed = (int)active.Entries.Total - Entries;
        PdqHash[] hashes = ListFiles.Hashes(seed, Entries + seed);
        List<Candidate> candidates = [];
        foreach (PdqHash hash in hashes.Where((_, i) => i % 499 == 0).Append(hashes[^1]))
        {
            candidates.Clear();
            current.Value.Find(new QueryHash(hash, Orientation.Original, 100), candidates);
            Assert.Contains(candidates, candidate => candidate.Distance == 0);
        }

        return seed;
    }
}
