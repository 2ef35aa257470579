using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Benchmarks.Matching;

/// <summary>Segments of a list to the index that answers queries.</summary>
[MemoryDiagnoser]
public class BuildBenchmarks
{
    private VersionContent _content = null!;

    [Params(100_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp() => _content = VersionContent.Create(
        SourceSegments.Read(new GeneratedHashes(DataKind.Balanced, Entries, 1)), []);

    [Benchmark]
    public long Build()
    {
        using HashIndex index = HashIndex.Build(1, [new IndexedList("list", 1, new MatchPolicy(), _content)]);
        return index.NativeBytes;
    }
}
