using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Benchmarks.Matching;

/// <summary>
/// One upsert of one entry, from its segment's bytes to the snapshot that readers see, beside a list that is there
/// already. Edits go round 1,024 keys; 32 deltas become one, as in the store; parts are merged in the background.
/// </summary>
[MemoryDiagnoser]
public class PublishBenchmarks : IDisposable
{
    private const int MaxDeltas = 32;

    private readonly byte[][] _blobs = new byte[1024][];
    private readonly List<ListSegment> _deltas = [];
    private readonly CurrentIndex _current = new();
    private IndexAssembly _assembly = null!;
    private List<ListSegment> _base = null!;
    private VersionContent _content = null!;
    private int _edits;

    [Params(1_000_000, 10_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        RowBuffer rows = new(2000 * 1024 * 1024);
        for (int i = 0; i < Entries; i++)
        {
            rows.TryAdd(new HashEntry { Type = HashType.Pdq, Value = UniformHash(random), ExternalId = "case" });
        }

        for (int i = 0; i < _blobs.Length; i++)
        {
            _blobs[i] = PackedSegments.Blob(new HashEntry
            {
                Type = HashType.Pdq,
                Value = BalancedHashes.Next(random),
                ExternalId = "edit",
            });
        }

        _base = PackedSegments.Of(rows);
        _content = VersionContent.Create(_base, []);
        _assembly = new IndexAssembly(_current);
        Publish();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Console.WriteLine(
            $"// {_edits} edits, {_base.Count} segments, {_current.Value!.Parts.Count} parts, "
            + $"{_assembly.NativeBytes:N0} bytes");
        Dispose();
    }

    public void Dispose()
    {
        _assembly?.Dispose();
        _current.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Upsert()
    {
        if (_deltas.Count == MaxDeltas)
        {
            ListSegment merged = PackedSegments.Merge(_deltas);
            _deltas.Clear();
            _deltas.Add(merged);
        }

        _deltas.Add(ListSegment.Decode(_blobs[_edits % _blobs.Length], keepNotes: false));
        Publish();
    }

    // What a publish costs does not depend on values; balanced ones of ten million take a minute to draw.
    private static HashValue UniformHash(Random random)
    {
        Span<byte> bytes = stackalloc byte[HashValue.MaxByteCount];
        random.NextBytes(bytes);
        return HashValue.Read(bytes);
    }

    private void Publish()
    {
        _content = VersionContent.CreateAfter(_content, _base, _deltas);
        _assembly.Publish([new IndexedList("list", ++_edits, new MatchPolicy(), _content)], CancellationToken.None);
    }
}
