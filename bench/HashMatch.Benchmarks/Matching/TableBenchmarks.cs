using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Matching;

/// <summary>Queries of which every other is near a row, by the number of rows.</summary>
[MemoryDiagnoser]
public class TableBenchmarks
{
    private const int Queries = 1000;

    private readonly HashValue[] _queries = new HashValue[Queries];
    private readonly List<NearRow> _found = new(1 << 16);
    private HammingTable _table = null!;

    [Params(4_000, 64_000, 1_000_000, 10_000_000)]
    public int Rows { get; set; }

    [Params(31, 47)]
    public int MaxDistance { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        HashRows rows = new(Rows);
        for (int i = 0; i < Rows; i++)
        {
            HashValue value = BalancedHashes.Next(random);
            rows.Add(value);
            if (i < Queries)
            {
                _queries[i] = i % 2 == 0 ? value with { A = value.A ^ 0xFFFF } : BalancedHashes.Next(random);
            }
        }

        _table = HammingTable.Build(rows, CancellationToken.None);
    }

    [GlobalCleanup]
    public void CleanUp() => _table.Dispose();

    [Benchmark(OperationsPerInvoke = Queries)]
    public int Find()
    {
        _found.Clear();
        foreach (HashValue query in _queries)
        {
            _table.Find(query, MaxDistance, _found);
        }

        return _found.Count;
    }
}
