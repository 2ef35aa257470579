using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Peers;
using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A query of the table, of the best scalar scan, and of FAISS where a library is named.</summary>
[MemoryDiagnoser]
public class PeerBenchmarks : IDisposable
{
    private const int MaxDistance = 31;

    private readonly List<NearRow> _found = [];
    private HammingTable _table = null!;
    private ScalarScan _scan = null!;
    private FaissIndex? _faiss;
    private HashValue _query;

    [Params(100_000, 1_000_000)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var source = new GeneratedHashes(DataKind.Balanced, Rows, 1);
        HashRows rows = new(Rows);
        var block = new HashValue[Rows];
        source.Fill(0, block);
        foreach (HashValue value in block)
        {
            rows.Add(value);
        }

        _query = block[Rows / 2] with { A = block[Rows / 2].A ^ 0xFF };
        _table = HammingTable.Build(rows, CancellationToken.None);
        _scan = new ScalarScan(source, MaxDistance);
        _faiss = PeerLibraries.Faiss is { } library ? new FaissIndex(library, source, multi: false) : null;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _table?.Dispose();
        _scan?.Dispose();
        _faiss?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Table()
    {
        _found.Clear();
        _table.Find(_query, MaxDistance, _found);
        return _found.Count;
    }

    [Benchmark(Baseline = true)]
    public int BestScalarScan()
    {
        _found.Clear();
        _scan.Find(_query, MaxDistance, _found);
        return _found.Count;
    }

    [Benchmark]
    [Peer(PeerKind.Faiss)]
    public int FaissFlat()
    {
        _found.Clear();
        _faiss!.Find(_query, MaxDistance, _found);
        return _found.Count;
    }
}
