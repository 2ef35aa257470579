using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Matching;

/// <summary>
/// One query again and again, so that what it touches is in a cache and the kernels are what takes time: those of each
/// width beside the scalar ones, which count bits with one instruction.
/// </summary>
[MemoryDiagnoser]
public class SignatureBenchmarks
{
    private readonly List<NearRow> _found = [];
    private HashValue _query;
    private HammingTable _scalar = null!;
    private HammingTable _vector128 = null!;
    private HammingTable _vector256 = null!;
    private HammingTable _vector512 = null!;

    [Params("Planes", "Lines", "NarrowBuckets")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _query = BalancedHashes.Next(new Random(2));
        _scalar = Build(VectorWidth.Scalar);
        _vector128 = Build(VectorWidth.Vector128);
        _vector256 = Build(VectorWidth.Vector256);
        _vector512 = Build(VectorWidth.Vector512);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _scalar.Dispose();
        _vector128.Dispose();
        _vector256.Dispose();
        _vector512.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int Scalar() => Find(_scalar);

    [Benchmark]
    public int Vector128() => Find(_vector128);

    [Benchmark]
    public int Vector256() => Find(_vector256);

    [Benchmark]
    public int Vector512() => Find(_vector512);

    // A width that the processor has not got is run by the widest that it has.
    private HammingTable Build(VectorWidth width)
    {
        TableKind kind = Enum.Parse<TableKind>(Kind);
        int count = kind switch { TableKind.Planes => 8_000, TableKind.Lines => 200_000, _ => 2_000_000 };
        Random random = new(1);
        HashRows rows = new(count);
        for (int i = 0; i < count; i++)
        {
            rows.Add(BalancedHashes.Next(random));
        }

        return HammingTable.Build(
            rows, kind, (VectorWidth)Math.Min((int)width, (int)SignatureScan.Widest),
            new BuildPace(null, CancellationToken.None));
    }

    private int Find(HammingTable table)
    {
        _found.Clear();
        table.Find(_query, 31, _found);
        return _found.Count;
    }
}
