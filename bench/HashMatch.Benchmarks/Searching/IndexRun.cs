using System.Diagnostics;
using System.Globalization;
using HashMatch.Benchmarks.Paired;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>One data set of one size: our table alone, then beside each peer.</summary>
internal sealed class IndexRun
{
    private readonly SearchOptions _options;
    private readonly IHashSource _source;
    private readonly SearchGoals _goals;
    private readonly string _entries;
    private readonly QueryPlan _plan;
    private readonly List<NearRow> _found = [];
    private HammingTable _table = null!;
    private long _asked;

    public IndexRun(SearchOptions options, IHashSource source)
    {
        _options = options;
        _source = source;
        _goals = SearchGoals.Of(options.Data, source.Count, options.Hashes is not null, options.Radius);
        _entries = $"{SearchOptions.Short(source.Count)} {source.Name}";
        _plan = new QueryPlan(source, options.Seed + 1, options.Radius + 9, unrelated: 2);
    }

    /// <summary>Queries that a peer answered differently.</summary>
    public int Different { get; private set; }

    public void Run(IReadOnlyList<FaissLibrary> libraries)
    {
        (long _, long building) = HammingTable.Estimate(_source.Count);
        if (HostMemory.Refusal(building) is { } reason)
        {
            SearchTable.Skip(_entries, "all", "", "", reason);
            return;
        }

        try
        {
            Build();
            QueryTimes.WarmUp(Take(4096), Find);
            Quiet();
            Allocation();
            Cores();
            foreach (FaissLibrary library in libraries)
            {
                Compare(library.Name, library.IsNative ? _goals.Ratio : "", 32, () => Faiss(library, multi: false));
            }

            foreach (FaissLibrary library in libraries)
            {
                Multi(library);
            }

            if (libraries.Count == 0)
            {
                SearchTable.Skip(_entries, "a query", "FAISS IndexBinaryFlat", _goals.Ratio, "no --faiss");
            }

            Compare("scalar scan in C#", "", 48, () => new ScalarScan(_source, _options.Radius));
        }
        finally
        {
            _table?.Dispose();
        }
    }

    private static string Bytes(double bytes) => bytes.ToString("f1", CultureInfo.InvariantCulture);

    private FaissIndex Faiss(FaissLibrary library, bool multi) => new(library, _source, multi);

    private void Find(PlannedQuery query)
    {
        _found.Clear();
        _table.Find(query.Hash, _options.Radius, _found);
    }

    private PlannedQuery[] Take(int count)
    {
        _asked += count;
        return _plan.Take(_asked - count, count);
    }

    // Small tables several times, since their time is little against that of the JIT.
    private void Build()
    {
        int times = _source.Count <= 2_000_000 ? 5 : _source.Count <= 20_000_000 ? 2 : 1;
        List<double> cpu = [];
        List<double> wall = [];
        long before = 0;
        for (int i = 0; i < times; i++)
        {
            _table?.Dispose();
            before = HostMemory.Resident ?? 0;
            HashRows rows = SourceRows.Read(_source);
            TimeSpan start = Environment.CpuUsage.TotalTime;
            long clock = Stopwatch.GetTimestamp();
            _table = HammingTable.Build(rows, CancellationToken.None);
            wall.Add(Stopwatch.GetElapsedTime(clock).TotalMicroseconds);
            cpu.Add((Environment.CpuUsage.TotalTime - start).TotalMicroseconds);
        }

        string resident = HostMemory.Resident is { } after && _source.Count >= 1_000_000
            ? $", resident {Bytes((after - before) / (double)_source.Count)}"
            : "";
        double count = Math.Max(_source.Count, 1);
        SearchTable.Figure(_entries, "bytes of a hash", _goals.Bytes, Bytes(_table.Bytes / count) + resident);
        SearchTable.Figure(
            _entries,
            "build, CPU time",
            _goals.Build,
            $"{SearchTable.Time(PairedRun.Median(cpu))}, wall {SearchTable.Time(PairedRun.Median(wall))}",
            SearchTable.Range(cpu, SearchTable.Time));
    }

    private void Quiet()
    {
        QueryTimes times = new();
        double cpu = 0;
        for (int round = 0; round < _options.Rounds; round++)
        {
            PlannedQuery[] queries = Take(_options.Queries);
            PlannedQuery[] again = Take(_options.Queries);
            times.Add(queries, Find);
            double start = ThreadClock.Now;
            Array.ForEach(again, Find);
            cpu += ThreadClock.Now - start;
        }

        double mean = cpu / ((double)_options.Rounds * _options.Queries);
        SearchTable.Figure(
            _entries,
            "a query, median",
            _goals.Median,
            SearchTable.Time(times.Median),
            SearchTable.Range(times.Medians, SearchTable.Time));
        SearchTable.Figure(
            _entries,
            "a query, 99th percentile",
            _goals.Slowest,
            SearchTable.Time(times.SlowMedian),
            SearchTable.Range(times.Slowest, SearchTable.Time));
        SearchTable.Figure(_entries, "a query, mean of the CPU time of a round", "", SearchTable.Time(mean));
    }

    private void Allocation()
    {
        PlannedQuery[] queries = Take(_options.Queries);
        Array.ForEach(queries, Find);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (PlannedQuery query in queries)
        {
            Find(query);
        }

        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)queries.Length;
        SearchTable.Figure(_entries, "allocated by a query", "0 bytes", $"{PairedTable.Number(bytes)} bytes");
    }

    // The table alone, asked by threads of our own: one and all of them in turn, by the wall clock.
    private void Cores()
    {
        int threads = _options.Threads;
        PlannedQuery[] queries = Take(4 * _options.Queries);
        List<double> ratios = [];
        List<double> one = [];
        List<double> all = [];
        for (int round = 0; round < _options.Rounds; round++)
        {
            one.Add(PerSecond(queries, 1));
            all.Add(PerSecond(queries, threads));
            ratios.Add(all[^1] / one[^1]);
        }

        SearchTable.Line(
            _entries,
            $"queries a second, {threads} threads",
            "1 thread",
            threads == 2 ? ">= 1.8x" : "",
            $"{PairedTable.Number(PairedRun.Median(ratios))}x",
            SearchTable.Range(ratios, PairedTable.Number),
            $"{PairedRun.Median(all):f0}",
            $"{PairedRun.Median(one):f0}",
            "");
    }

    private double PerSecond(PlannedQuery[] queries, int threads)
    {
        const int atATime = 32;
        int next = 0;
        long start = Stopwatch.GetTimestamp();
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        return queries.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;

        void Work()
        {
            List<NearRow> found = [];
            for (int first = Interlocked.Add(ref next, atATime) - atATime;
                first < queries.Length;
                first = Interlocked.Add(ref next, atATime) - atATime)
            {
                foreach (PlannedQuery query in queries.AsSpan(first, Math.Min(atATime, queries.Length - first)))
                {
                    found.Clear();
                    _table.Find(query.Hash, _options.Radius, found);
                }
            }
        }
    }

    private void Multi(FaissLibrary library)
    {
        string name = $"{library.Name} IndexBinaryMultiHash";
        if (_options.Radius > FaissIndex.MultiMaxDistance)
        {
            SearchTable.Skip(_entries, "a query", name, "", $"not exact above {FaissIndex.MultiMaxDistance}");
        }
        else if (_source.Count > _options.MultiSize)
        {
            SearchTable.Skip(_entries, "a query", name, "", "larger than --multi-up-to");
        }
        else
        {
            Compare(name, "", 420, () => Faiss(library, multi: true));
        }
    }

    private void Compare(string name, string goal, long bytesOfHash, Func<ISearchPeer> create)
    {
        if (HostMemory.Refusal(bytesOfHash * _source.Count) is { } reason)
        {
            SearchTable.Skip(_entries, "a query", name, goal, reason);
            return;
        }

        using ISearchPeer peer = create();
        PeerPairs pairs = new(Find, _found, peer, _options.Radius);
        pairs.Run(Take, _options);
        Different += pairs.Different;
        double bytes = peer.Bytes / (double)Math.Max(_source.Count, 1);
        SearchTable.Line(
            _entries,
            "a query, median",
            $"{peer.Name}, {Bytes(bytes)} bytes of a hash",
            goal,
            $"{PairedTable.Number(PairedRun.Median(pairs.Ratios))}x",
            SearchTable.Range(pairs.Ratios, PairedTable.Number),
            SearchTable.Time(pairs.Ours.Median),
            SearchTable.Time(pairs.Peer),
            $"{pairs.Different} of {pairs.Compared}");
    }
}
