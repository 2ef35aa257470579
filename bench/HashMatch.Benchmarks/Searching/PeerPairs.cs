using HashMatch.Benchmarks.Paired;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// The table and a peer in turn, A B A B, over queries of each round's own. The peer, whose queries take milliseconds,
/// is timed in the thread's CPU time, since interruptions would count for us; ours query by query as
/// <see cref="QueryTimes"/> does. Every answer of the peer is compared with ours.
/// </summary>
/// <param name="find">Ours.</param>
/// <param name="ours">What <paramref name="find"/> finds; null when it is not to be compared.</param>
/// <param name="peer">Outlives it.</param>
/// <param name="radius">Inclusive.</param>
internal sealed class PeerPairs(
    Action<PlannedQuery> find, List<NearRow>? ours, ISearchPeer peer, int radius)
{
    // How long a peer may take in a round.
    private const double PeerMicroseconds = 150_000;

    private readonly List<NearRow> _theirs = [];
    private readonly List<double> _ratios = [];
    private readonly List<double> _medians = [];

    /// <summary>The peer's time by ours, of each pair.</summary>
    public IReadOnlyCollection<double> Ratios => _ratios;

    public QueryTimes Ours { get; } = new();

    /// <summary>Microseconds, the median of the rounds' medians.</summary>
    public double Peer => PairedRun.Median(_medians);

    /// <summary>Queries whose answers were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Queries of them that were answered differently.</summary>
    public int Different { get; private set; }

    /// <summary>Warms up, and runs all pairs.</summary>
    public void Run(Func<int, PlannedQuery[]> take, SearchOptions options)
    {
        int asked = (int)Math.Clamp(PeerMicroseconds / WarmUp(take(64)), 2, options.Queries);
        for (int round = 0; round < options.Rounds; round++)
        {
            Add(take(options.Queries), asked);
        }
    }

    // Asks both; the peer not for long. Microseconds that the peer takes, roughly.
    private double WarmUp(PlannedQuery[] queries)
    {
        double fastest = double.MaxValue;
        double start = ThreadClock.Now;
        for (int i = 0; i < queries.Length && (i < 2 || ThreadClock.Now - start < 300_000); i++)
        {
            fastest = Math.Min(fastest, AskPeer(queries[i]));
        }

        QueryTimes.WarmUp(queries, find);
        return fastest;
    }

    // All queries for us, so many of the first for the peer.
    private void Add(PlannedQuery[] queries, int peerQueries)
    {
        double median = Ours.Add(queries, find);
        double[] times = new double[peerQueries];
        for (int i = 0; i < peerQueries; i++)
        {
            times[i] = AskPeer(queries[i]);
            if (ours is not null)
            {
                find(queries[i]);
                Compared++;
                Different += AnswerComparison.Same(ours, _theirs) ? 0 : 1;
            }
        }

        double theirs = PairedRun.Median(times);
        _medians.Add(theirs);
        _ratios.Add(theirs / median);
    }

    private double AskPeer(PlannedQuery query)
    {
        _theirs.Clear();
        double start = ThreadClock.Now;
        peer.Find(query.Hash, radius, _theirs);
        return ThreadClock.Now - start;
    }
}
