using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A query that every entry is near to: all of them, and the nearest of them.</summary>
[MemoryDiagnoser]
public class ClusterBenchmarks
{
    private readonly List<Candidate> _candidates = [];
    private HashIndex _index = null!;
    private QueryHash _query;

    [Params(1000, 10_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        HashValue centre = BalancedHashes.Next(random);
        RowBuffer rows = new(512 * 1024 * 1024);
        for (int i = 0; i < Entries; i++)
        {
            // Two bits of each of 12 places of the centre, so that distances are even and up to 24.
            ulong flipped = 0;
            for (int bit = 0; bit < 12; bit++)
            {
                flipped ^= 3UL << (2 * random.Next(32));
            }

            rows.TryAdd(new HashEntry { Type = HashType.Pdq, Value = centre with { C = centre.C ^ flipped } });
        }

        _index = HashIndex.Build(
            1, [new IndexedList("list", 1, new MatchPolicy(), VersionContent.Create(PackedSegments.Of(rows), []))]);
        _query = new QueryHash(centre.ToPdq(), Orientation.Original, 100);
    }

    [GlobalCleanup]
    public void CleanUp() => _index.Dispose();

    [Benchmark(Baseline = true)]
    public int FindAll()
    {
        _candidates.Clear();
        _index.Find(_query, _candidates);
        return _candidates.Count;
    }

    [Benchmark]
    public int FindNearest100()
    {
        _candidates.Clear();
        _index.Find(_query, new FindLimit(100, DateTimeOffset.UnixEpoch), _candidates);
        return _candidates.Count;
    }
}
