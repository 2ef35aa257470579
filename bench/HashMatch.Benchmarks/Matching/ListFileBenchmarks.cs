using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A list file of a million lines: read only, and staged and activated in an SQLite store.</summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, warmupCount: 1, iterationCount: 5)]
public class ListFileBenchmarks
{
    private const int Lines = 1_000_000;

    private byte[] _file = [];
    private string _folder = "";

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        StringBuilder file = new("type,value,external_id,classification,severity,expires_at,note\n");
        for (int i = 0; i < Lines; i++)
        {
            string hash = BalancedHashes.Next(random).ToHex(HashType.Pdq);
            file.Append(CultureInfo.InvariantCulture, $"pdq,{hash},case-{i:D12},A1,high,,\n");
        }

        _file = Encoding.UTF8.GetBytes(file.ToString());
        _folder = Directory.CreateTempSubdirectory("hashmatch-bench-").FullName;
    }

    [GlobalCleanup]
    public void CleanUp() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public async Task<long> Read()
    {
        long entries = 0;
        await foreach (ListLine line in ReadFile())
        {
            entries += line.Entry is null ? 0 : 1;
        }

        return entries;
    }

    [Benchmark]
    public async Task<long> StageAndActivate()
    {
        await using IListStore store = await ListStores.OpenAsync($"sqlite:{_folder}", TimeProvider.System, default);
        ListCatalog catalog = new(store, TimeProvider.System);
        await catalog.CreateAsync("bench", "", new MatchPolicy(), default);
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            "bench", ReadFile(), new StageOptions(), null, default);
        CatalogResult<HashList> active = await catalog.ActivateAsync(
            "bench", staged.Value!.Version!.Number, null, default);
        await catalog.DeleteAsync("bench", null, default);
        return active.Value!.ActiveVersion;
    }

    private IAsyncEnumerable<ListLine> ReadFile() =>
        HashListReader.ReadAsync(new MemoryStream(_file), ListFileFormat.Csv, HashType.Pdq, default);
}
