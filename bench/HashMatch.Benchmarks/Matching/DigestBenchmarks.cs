using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A digest through the index, one that is there and one that is not, each time another.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private const int Queries = 4096;

    private readonly byte[][] _known = new byte[Queries][];
    private readonly byte[][] _unknown = new byte[Queries][];
    private readonly List<Candidate> _candidates = [];
    private HashIndex _index = null!;
    private int _query;

    [Params(1_000_000, 10_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        RowBuffer rows = new(2000 * 1024 * 1024);
        for (int i = 0; i < Entries; i++)
        {
            byte[] digest = Digest(random);
            rows.TryAdd(new HashEntry { Type = HashType.Sha1, Value = HashValue.Read(digest) });
            _known[i % Queries] = digest;
        }

        for (int i = 0; i < Queries; i++)
        {
            _unknown[i] = Digest(random);
        }

        _index = HashIndex.Build(
            1, [new IndexedList("list", 1, new MatchPolicy(), VersionContent.Create(PackedSegments.Of(rows), []))]);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Console.WriteLine($"// {(double)_index.NativeBytes / Entries:F2} bytes an entry beside its segment");
        _index.Dispose();
    }

    [Benchmark]
    public int FindKnown() => Find(_known);

    [Benchmark]
    public int FindUnknown() => Find(_unknown);

    private static byte[] Digest(Random random)
    {
        byte[] digest = new byte[HashValue.ByteCount(HashType.Sha1)];
        random.NextBytes(digest);
        return digest;
    }

    private int Find(byte[][] digests)
    {
        _candidates.Clear();
        _index.Find(HashType.Sha1, digests[_query++ % Queries], _candidates);
        return _candidates.Count;
    }
}
