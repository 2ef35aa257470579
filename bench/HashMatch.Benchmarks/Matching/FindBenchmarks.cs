using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A query through the index as the service asks it: near one entry, and near none.</summary>
[MemoryDiagnoser]
public class FindBenchmarks
{
    private const int Queries = 1024;

    private readonly List<Candidate> _candidates = [];
    private readonly QueryHash[] _queries = new QueryHash[Queries];
    private readonly FoundCandidates _batch = new();
    private HashIndex _index = null!;
    private PdqHash _near;
    private PdqHash _far;

    [Params(100_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        RowBuffer rows = new(512 * 1024 * 1024);
        for (int i = 0; i < Entries; i++)
        {
            HashValue value = BalancedHashes.Next(random);
            rows.TryAdd(new HashEntry { Type = HashType.Pdq, Value = value, ExternalId = "case" });
            _near = i == Entries / 2 ? (value with { A = value.A ^ 0xFFFF }).ToPdq() : _near;
        }

        _far = BalancedHashes.Next(random).ToPdq();
        for (int i = 0; i < Queries; i++)
        {
            _queries[i] = new QueryHash(BalancedHashes.Next(random).ToPdq(), Orientation.Original, 100);
        }

        _index = HashIndex.Build(
            1, [new IndexedList("list", 1, new MatchPolicy(), VersionContent.Create(PackedSegments.Of(rows), []))]);
    }

    [GlobalCleanup]
    public void CleanUp() => _index.Dispose();

    [Benchmark]
    public int FindNone() => Find(_far);

    [Benchmark]
    public int FindOne() => Find(_near);

    /// <summary>Many hashes one after another.</summary>
    [Benchmark(OperationsPerInvoke = Queries)]
    public void FindEach()
    {
        foreach (QueryHash query in _queries)
        {
            _candidates.Clear();
            _index.Find(query, _candidates);
        }
    }

    /// <summary>The same on all cores.</summary>
    [Benchmark(OperationsPerInvoke = Queries)]
    public void FindMany() => _index.FindMany(_queries, null, _batch);

    private int Find(PdqHash hash)
    {
        _candidates.Clear();
        _index.Find(new QueryHash(hash, Orientation.Original, 100), _candidates);
        return _candidates.Count;
    }
}
