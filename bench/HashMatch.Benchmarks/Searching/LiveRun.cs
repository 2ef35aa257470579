using System.Diagnostics;
using HashMatch.Benchmarks.Matching;
using HashMatch.Benchmarks.Paired;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Searching;

/// <summary>The same data set as a list of the index that the service asks: limits, many at once, upserts.</summary>
internal sealed class LiveRun : IDisposable
{
    private const int PerList = 100;
    private const int UpsertsPerSecond = 1000;
    private const int MaxDeltas = 32;

    // Edits go round so many keys.
    private const int Keys = 1024;

    private readonly SearchOptions _options;
    private readonly IHashSource _source;
    private readonly string _entries;
    private readonly QueryPlan _plan;
    private readonly CurrentIndex _current = new();
    private readonly IndexAssembly _assembly;
    private readonly List<Candidate> _found = [];
    private readonly List<ListSegment> _base;
    private readonly List<ListSegment> _deltas = [];
    private readonly byte[][] _blobs = new byte[Keys][];
    private VersionContent _content;
    private long _edits;
    private long _asked;

    private LiveRun(SearchOptions options, IHashSource source)
    {
        _options = options;
        _source = source;
        _entries = $"{SearchOptions.Short(source.Count)} {source.Name}";
        _plan = new QueryPlan(source, options.Seed + 2, options.Radius + 9, unrelated: 2);
        _base = SourceSegments.Read(source);
        _content = VersionContent.Create(_base, []);
        _assembly = new IndexAssembly(_current);
        var random = new RandomBits(options.Seed, ulong.MaxValue);
        for (int i = 0; i < Keys; i++)
        {
            _blobs[i] = PackedSegments.Blob(
                new HashEntry { Type = HashType.Pdq, Value = random.Balanced(), ExternalId = "edit" });
        }

        Publish();
    }

    /// <summary>Measures, where a list of the size can be made.</summary>
    public static void Run(SearchOptions options, IHashSource source, FaissLibrary? library)
    {
        string entries = $"{SearchOptions.Short(source.Count)} {source.Name}";
        string? reason = options.Radius > MatchPolicy.LargestMaxDistance ? "no list has such a threshold"
            : !SourceSegments.Fits(source.Count) ? "too many for the list that is made here"
            : HostMemory.Refusal(
                SourceSegments.Estimate(source.Count) + HammingTable.Estimate(source.Count).Building);
        if (reason is not null)
        {
            SearchTable.Skip(entries, "as a list", "", "", reason);
            return;
        }

        using LiveRun run = new(options, source);
        run.Limited(library);
        run.Many();
        run.Upserts();
    }

    public void Dispose()
    {
        _assembly.Dispose();
        _current.Dispose();
    }

    private static QueryHash Query(PlannedQuery query) => new(query.Hash.ToPdq(), Orientation.Original, 100);

    private PlannedQuery[] Take(int count)
    {
        _asked += count;
        return _plan.Take(_asked - count, count);
    }

    private void Publish()
    {
        MatchPolicy policy = new() { MaxDistance = _options.Radius };
        _content = VersionContent.CreateAfter(_content, _base, _deltas);
        _assembly.Publish([new IndexedList("list", ++_edits, policy, _content)], CancellationToken.None);
    }

    private void FindAll(PlannedQuery query)
    {
        _found.Clear();
        using IndexLease lease = _current.Acquire()!;
        lease.Index.Find(Query(query), _found);
    }

    private void Limited(FaissLibrary? library)
    {
        FindLimit limit = new(PerList, DateTimeOffset.UnixEpoch);
        HashIndex index = _current.Value!;
        void Find(PlannedQuery query)
        {
            _found.Clear();
            index.Find(Query(query), limit, _found);
        }

        QueryTimes times = new();
        QueryTimes.WarmUp(Take(4096), Find);
        for (int round = 0; round < _options.Rounds; round++)
        {
            times.Add(Take(_options.Queries), Find);
        }

        bool isGoal = _options.Data == DataKind.Clustered && _source.Count == 10_000_000 && _options.Radius == 31;
        string what = $"a query of the index, at most {PerList} entries";
        SearchTable.Figure(
            _entries, $"{what}, median", "", SearchTable.Time(times.Median), Range(times.Medians));
        SearchTable.Figure(
            _entries,
            $"{what}, 99th percentile",
            isGoal ? "<= 300 us" : "",
            SearchTable.Time(times.SlowMedian),
            Range(times.Slowest));
        Allocation(Find, what);
        if (library is null || HostMemory.Refusal(32 * _source.Count) is not null)
        {
            SearchTable.Skip(_entries, what, "FAISS IndexBinaryFlat", isGoal ? ">= 40x" : "", "no --faiss, or no room");
            return;
        }

        // FAISS has no limit; it answers with all.
        using FaissIndex peer = new(library, _source, multi: false);
        PeerPairs pairs = new(Find, null, peer, _options.Radius);
        pairs.Run(Take, _options);
        SearchTable.Line(
            _entries,
            $"{what}, median",
            $"{peer.Name}, all entries",
            isGoal && library.IsNative ? ">= 40x" : "",
            $"{PairedTable.Number(PairedRun.Median(pairs.Ratios))}x",
            SearchTable.Range(pairs.Ratios, PairedTable.Number),
            SearchTable.Time(pairs.Ours.Median),
            SearchTable.Time(pairs.Peer),
            "not compared");
    }

    private void Allocation(Action<PlannedQuery> find, string what)
    {
        PlannedQuery[] queries = Take(_options.Queries);
        Array.ForEach(queries, find);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (PlannedQuery query in queries)
        {
            find(query);
        }

        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)queries.Length;
        SearchTable.Figure(_entries, $"{what}, allocated", "0 bytes", $"{PairedTable.Number(bytes)} bytes");
    }

    private void Many()
    {
        HashIndex index = _current.Value!;
        FoundCandidates found = new();
        List<double> each = [];
        List<double> many = [];
        List<double> ratios = [];
        for (int round = 0; round <= _options.Rounds; round++)
        {
            QueryHash[] queries = [.. Take(4 * _options.Queries).Select(Query)];
            long start = Stopwatch.GetTimestamp();
            foreach (ref readonly QueryHash query in queries.AsSpan())
            {
                _found.Clear();
                index.Find(query, _found);
            }

            double one = queries.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            index.FindMany(queries, null, found);
            double all = queries.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;

            // The first round warms up.
            if (round > 0)
            {
                each.Add(one);
                many.Add(all);
                ratios.Add(all / one);
            }
        }

        SearchTable.Line(
            _entries,
            $"FindMany, queries a second, {Environment.ProcessorCount} cores",
            "one after another on one",
            Environment.ProcessorCount == 2 ? ">= 1.8x" : "",
            $"{PairedTable.Number(PairedRun.Median(ratios))}x",
            SearchTable.Range(ratios, PairedTable.Number),
            $"{PairedRun.Median(many):f0}",
            $"{PairedRun.Median(each):f0}",
            "");
    }

    // Quiet and busy rounds in turn: the first snapshot, before any upsert, and whatever is newest. A second or more
    // each, so that parts are merged in some.
    private void Upserts()
    {
        int count = _source.Count >= 1_000_000 ? 16 * _options.Queries : _options.Queries;
        using IndexLease first = _current.Acquire()!;
        void FindFirst(PlannedQuery query)
        {
            _found.Clear();
            using IndexLease lease = _current.Acquire()!;
            first.Index.Find(Query(query), _found);
        }

        QueryTimes quiet = new();
        QueryTimes busy = new();
        List<double> ratios = [];
        long upserts = 0;
        double seconds = 0;
        for (int round = 0; round < _options.Rounds; round++)
        {
            PlannedQuery[] queries = Take(count);
            PlannedQuery[] others = Take(count);
            quiet.Add(queries, FindFirst);
            using CancellationTokenSource ended = new();
            long before = _edits;
            long start = Stopwatch.GetTimestamp();
            Thread writer = new(() => Upsert(ended.Token));
            writer.Start();
            busy.Add(others, FindAll);
            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            upserts += Interlocked.Read(ref _edits) - before;
            ended.Cancel();
            writer.Join();
            ratios.Add(busy.Slowest.Last() / quiet.Slowest.Last());
        }

        SearchTable.Line(
            _entries,
            $"a query beside {upserts / seconds:f0} upserts/s, 99th percentile",
            "quiet",
            _source.Count == 10_000_000 ? "<= 1.1x" : "",
            $"{PairedTable.Number(PairedRun.Median(ratios))}x",
            SearchTable.Range(ratios, PairedTable.Number),
            SearchTable.Time(busy.SlowMedian),
            SearchTable.Time(quiet.SlowMedian),
            "");
    }

    private void Upsert(CancellationToken ended)
    {
        long start = Stopwatch.GetTimestamp();
        for (long made = 0; !ended.IsCancellationRequested; made++)
        {
            if (_deltas.Count == MaxDeltas)
            {
                // As the store folds them.
                ListSegment merged = PackedSegments.Merge(_deltas);
                _deltas.Clear();
                _deltas.Add(merged);
            }

            _deltas.Add(ListSegment.Decode(_blobs[_edits % Keys], keepNotes: false));
            Publish();
            double ahead = ((made + 1.0) / UpsertsPerSecond) - Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (ahead > 0)
            {
                ended.WaitHandle.WaitOne(TimeSpan.FromSeconds(ahead));
            }
        }
    }

    private static string Range(IReadOnlyCollection<double> values) => SearchTable.Range(values, SearchTable.Time);
}
