using System.Diagnostics;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Every answer of the table beside brute force.</summary>
internal sealed class IndexProof(SearchOptions options, IHashSource source, HammingTable table, BitPlanes planes)
{
    // Their masks are 128 KiB, half of a small inner cache.
    private const int BlockQueries = 64;

    private const int SampleQueries = 16;
    private const int Thresholds = BitPlanes.MaxDistance + 1;

    private readonly Lock _printing = new();
    private readonly long[] _asksAt = new long[Thresholds];
    private PlannedQuery[] _queries = [];
    private int _next;
    private long _found;
    private long _missed;
    private long _different;
    private long _bruteTicks;
    private long _tableTicks;

    /// <summary>Queries at a threshold whose answers were compared.</summary>
    public long Compared => _asksAt.Sum();

    /// <summary>The fewest at any threshold.</summary>
    public long FewestAtThreshold => _asksAt.Min();

    /// <summary>Answers that differed from brute force.</summary>
    public long Different => _different;

    /// <summary>Rows in the answers of brute force.</summary>
    public long Found => _found;

    /// <summary>Of all threads together, by the wall clock.</summary>
    public TimeSpan BruteForceTime => Stopwatch.GetElapsedTime(0, _bruteTicks);

    /// <summary>Of all threads together, by the wall clock; comparing included.</summary>
    public TimeSpan TableTime => Stopwatch.GetElapsedTime(0, _tableTicks);

    /// <summary>Planted entries that brute force did not find at their distance.</summary>
    public long Missed => _missed;

    /// <summary>Queries of the sample that brute force answered otherwise than the plainest loop.</summary>
    public int SampleDifferences { get; private set; }

    public static int Sample => SampleQueries;

    /// <summary>Asks all, on all threads.</summary>
    public void Run()
    {
        _queries = new QueryPlan(source, options.Seed + 1, 40, unrelated: 8).Take(0, options.Queries);
        CheckSample();
        Thread[] workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new Thread(Work))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
    }

    private static List<NearRow>[] Lists(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<NearRow>())];

    private void CheckSample()
    {
        HashValue[] queries = [.. _queries.Take(SampleQueries).Select(query => query.Hash)];
        List<NearRow>[] found = Lists(queries.Length);
        planes.Find(queries, found);
        Parallel.For(0, queries.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, i =>
        {
            List<NearRow> plain = [];
            planes.FindPlainly(queries[i], plain);
            if (!AnswerComparison.Same(plain, found[i]))
            {
                lock (_printing)
                {
                    SampleDifferences++;
                }
            }
        });
    }

    private void Work()
    {
        List<NearRow>[] expected = Lists(BlockQueries);
        List<NearRow> found = [];
        List<NearRow> within = [];
        for (int first = Interlocked.Add(ref _next, BlockQueries) - BlockQueries;
            first < _queries.Length;
            first = Interlocked.Add(ref _next, BlockQueries) - BlockQueries)
        {
            ReadOnlySpan<PlannedQuery> block = _queries.AsSpan(first, Math.Min(BlockQueries, _queries.Length - first));
            var hashes = new HashValue[block.Length];
            for (int i = 0; i < block.Length; i++)
            {
                hashes[i] = block[i].Hash;
                expected[i].Clear();
            }

            long start = Stopwatch.GetTimestamp();
            planes.Find(hashes, expected);
            long between = Stopwatch.GetTimestamp();
            Interlocked.Add(ref _bruteTicks, between - start);
            for (int i = 0; i < block.Length; i++)
            {
                Prove(first + i, expected[i], found, within);
            }

            Interlocked.Add(ref _tableTicks, Stopwatch.GetTimestamp() - between);
        }
    }

    private void Prove(int number, List<NearRow> expected, List<NearRow> found, List<NearRow> within)
    {
        PlannedQuery query = _queries[number];
        Interlocked.Add(ref _found, expected.Count);
        if (query.Row >= 0 && !expected.Contains(new NearRow((int)query.Row, query.Distance)))
        {
            Interlocked.Increment(ref _missed);
        }

        for (int ask = 0; ask < options.Asks; ask++)
        {
            int threshold = Threshold(number, query, ask);
            within.Clear();
            within.AddRange(expected.Where(row => row.Distance <= threshold));
            found.Clear();
            table.Find(query.Hash, threshold, found);
            Interlocked.Increment(ref _asksAt[threshold]);
            if (!AnswerComparison.Same(within, found))
            {
                Interlocked.Increment(ref _different);
                Report(query, threshold, within, found);
            }
        }
    }

    // Where not all are asked: the usual one, the one that the planted entry is just within, and others in turn, so
    // that each meets every distance.
    private int Threshold(int number, PlannedQuery query, int ask) =>
        options.Asks == Thresholds ? ask
        : ask == 0 ? 31
        : ask == 1 && query.Row >= 0 ? query.Distance
        : (number + (21 * ask)) % Thresholds;

    private void Report(PlannedQuery query, int threshold, List<NearRow> expected, List<NearRow> found)
    {
        lock (_printing)
        {
            if (_different > 10)
            {
                return;
            }

            Console.WriteLine(
                $"differs: query {query.Hash.ToHex(HashType.Pdq)} within {threshold}: {found.Count} rows, brute force "
                + $"{expected.Count}; missing [{string.Join(", ", expected.Except(found).Take(4))}], "
                + $"extra [{string.Join(", ", found.Except(expected).Take(4))}]");
        }
    }
}
