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
    private readonly List<Candidate> _candidates = [];
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

        rows.Sort();
        _far = BalancedHashes.Next(random).ToPdq();
        _index = HashIndex.Build(
            1, [new IndexedList("list", 1, new MatchPolicy(), VersionContent.Create(Segments(rows), []))]);
    }

    [Benchmark]
    public int FindNone() => Find(_far);

    [Benchmark]
    public int FindOne() => Find(_near);

    private static List<ListSegment> Segments(RowBuffer rows)
    {
        ListSegmentBuilder builder = new();
        List<ListSegment> segments = [];
        for (int i = 0; i < rows.Count; i++)
        {
            if (!builder.TryAdd(rows[i]))
            {
                segments.Add(Encode(builder));
                builder.TryAdd(rows[i]);
            }
        }

        segments.Add(Encode(builder));
        return segments;
    }

    private static ListSegment Encode(ListSegmentBuilder builder)
    {
        byte[] blob = new byte[builder.EncodedBytes];
        builder.Encode(blob);
        return ListSegment.Decode(blob, keepNotes: false);
    }

    private int Find(PdqHash hash)
    {
        _candidates.Clear();
        _index.Find(new QueryHash(hash, Orientation.Original, 100), _candidates);
        return _candidates.Count;
    }
}
