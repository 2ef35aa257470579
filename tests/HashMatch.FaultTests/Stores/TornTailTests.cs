using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Stores;

/// <summary>
/// The write-ahead log of SQLite as a power cut leaves it: cut off anywhere, or with bytes that were never written.
/// What opens is one committed state, or it is said to be corrupt.
/// </summary>
public sealed class TornTailTests(ITestOutputHelper output)
{
    private const string Name = "list";
    private const int States = 6;
    private static readonly int Tries = LongRuns.Times(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cut")]
    [InlineData("flip")]
    [InlineData("zeros")]
    public async Task A_log_whose_tail_is_torn_opens_as_one_committed_state_or_not_at_all(string how)
    {
        using var folder = new TemporaryFolder();
        HashEntry[][] states = await WriteAsync(folder);
        string[] files = Directory.GetFiles(folder["copy"]);
        string log = Assert.Single(files, path => path.EndsWith("-wal", StringComparison.Ordinal));
        byte[] whole = await File.ReadAllBytesAsync(log, Cancellation);
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}, a log of {whole.Length} bytes");
        var random = new Random(seed);
        int[] seen = new int[states.Length];
        (int corrupt, int empty) = (0, 0);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            string place = folder[$"torn-{attempt}"];
            Directory.CreateDirectory(place);
            foreach (string file in files.Where(path => !path.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(place, Path.GetFileName(file)));
            }

            await File.WriteAllBytesAsync(
                Path.Combine(place, Path.GetFileName(log)), Tear(whole, how, random), Cancellation);
            try
            {
                await using IListStore store = await ListStores.OpenAsync(
                    $"sqlite:{place}", TimeProvider.System, Cancellation);
                if (await store.ReadListAsync(Name, Cancellation) is null)
                {
                    empty++;
                    continue;
                }

                HashEntry[]? content = await StoredContent.ReadAsync(store, Name, Cancellation);
                int state = Array.FindIndex(states, one => StoredContent.AreEqual(one, content ?? []));
                Assert.True(state >= 0, $"Attempt {attempt}: a content that was never committed.");
                seen[state]++;
            }
            catch (Exception e) when (e is StoreCorruptException or StoreUnavailableException)
            {
                corrupt++;
            }
            finally
            {
                Directory.Delete(place, recursive: true);
            }
        }

        FaultRow.Seen(
            $"SQLite's WAL: {how} x{Tries}", "one committed state, or StoreCorrupt",
            $"states {string.Join('/', seen)}, no list yet {empty}, said to be corrupt {corrupt}");
        Assert.Equal(Tries, seen.Sum() + empty + corrupt);
        Assert.True(seen.Sum() > 0);
    }

    private static byte[] Tear(byte[] log, string how, Random random)
    {
        int at = random.Next(32, log.Length);
        byte[] torn = how == "cut" ? log[..at] : [.. log];
        if (how == "flip")
        {
            torn[at] ^= (byte)(1 << random.Next(8));
        }
        else if (how == "zeros")
        {
            torn.AsSpan(at, Math.Min(4096, torn.Length - at)).Clear();
        }

        return torn;
    }

    // Copied while it is open, so that nothing is moved out of the log.
    private static async Task<HashEntry[][]> WriteAsync(TemporaryFolder folder)
    {
        await using IListStore store = await ListStores.OpenAsync(
            $"sqlite:{folder["data"]}", TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        Assert.True((await catalog.CreateAsync(Name, "", new MatchPolicy(), Cancellation)).IsOk);
        List<HashEntry[]> states = [[]];
        for (int state = 0; state < States; state++)
        {
            HashEntry[] entries = SampleEntries.Make(state + 1, 50);
            CatalogResult<StageResult> staged = await catalog.StageAsync(
                Name, SampleEntries.LinesAsync(entries), new StageOptions(), null, Cancellation);
            Assert.True(staged.IsOk, staged.Message);
            Assert.True((await catalog.ActivateAsync(
                Name, staged.Value.Version!.Number, null, Cancellation)).IsOk);
            states.Add(StoredContent.Sorted(entries));
        }

        Directory.CreateDirectory(folder["copy"]);
        foreach (string file in Directory.GetFiles(folder["data"]))
        {
            File.Copy(file, Path.Combine(folder["copy"], Path.GetFileName(file)));
        }

        return [.. states];
    }
}
