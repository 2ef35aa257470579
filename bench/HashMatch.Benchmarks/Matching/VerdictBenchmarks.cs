using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using HashMatch.Server.Services;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Benchmarks.Matching;

/// <summary>A query to its verdict and on to its message, over so few entries that the look-up is next to nothing.
/// </summary>
[MemoryDiagnoser]
public class VerdictBenchmarks
{
    private readonly Matcher _matcher = new(
        new MatcherOptions(), TimeProvider.System, new FloodWatch(new QuarantineOptions(), () => null));

    private HashIndex _index = null!;
    private MatchQuery _near = null!;
    private MatchQuery _far = null!;
    private Verdict _verdict = null!;

    [GlobalSetup]
    public void SetUp()
    {
        var source = new GeneratedHashes(DataKind.Balanced, 1000, 1);
        _index = HashIndex.Build(
            1, [new IndexedList("list", 1, new MatchPolicy(), VersionContent.Create(SourceSegments.Read(source), []))]);
        var one = new HashValue[1];
        source.Fill(500, one);
        _near = Query(one[0] with { A = one[0].A ^ 0xFF });
        _far = Query(new RandomBits(2, 0).Balanced());
        _verdict = DecideNear();
    }

    [GlobalCleanup]
    public void CleanUp() => _index.Dispose();

    [Benchmark(Baseline = true)]
    public Verdict DecideNone() => _matcher.Decide(_index, _far);

    [Benchmark]
    public Verdict DecideNear() => _matcher.Decide(_index, _near);

    [Benchmark]
    public V1.MatchResponse MessageOfNear() => MatchingMessages.Of(_verdict, "", details: true);

    private static MatchQuery Query(HashValue value) => new()
    {
        Hashes = [new QueryHash(value.ToPdq(), Orientation.Original, 100)],
    };
}
