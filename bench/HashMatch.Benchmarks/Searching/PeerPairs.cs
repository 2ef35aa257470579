using HashMatch.Benchmarks.Paired;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// The table and a peer in turn, A B A B, over queries of each round's own. The peer, whose queries take milliseconds,
/// is timed in the thread's CPU time, since interruptions would count for us; ours query by query as
/// <see cref="QueryTimes"/> does. Every answer of the peer is compared with ours.
/// </summary>
internal sealed class PeerPairs(HammingTable table, ISearchPeer peer, int radius)
{
    private readonly List<NearRow> _ours = [];
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

    /// <summary>Asks both; the peer not for long.</summary>
    /// <returns>Microseconds that the peer takes, roughly.</returns>
    public double WarmUp(PlannedQuery[] queries)
    {
        double fastest = double.MaxValue;
        double start = ThreadClock.Now;
        for (int i = 0; i < queries.Length && (i < 2 || ThreadClock.Now - start < 300_000); i++)
        {
            fastest = Math.Min(fastest, AskPeer(queries[i]));
        }

        QueryTimes.WarmUp(queries, FindOurs);
        return fastest;
    }

    /// <summary>A pair.</summary>
    /// <param name="queries">All for us.</param>
    /// <param name="peerQueries">So many of the first for the peer.</param>
    public void Add(PlannedQuery[] queries, int peerQueries)
    {
        double ours = Ours.Add(queries, FindOurs);
        double[] times = new double[peerQueries];
        for (int i = 0; i < peerQueries; i++)
        {
            times[i] = AskPeer(queries[i]);
            FindOurs(queries[i]);
            Compared++;
            Different += AnswerComparison.Same(_ours, _theirs) ? 0 : 1;
        }

        double theirs = PairedRun.Median(times);
        _medians.Add(theirs);
        _ratios.Add(theirs / ours);
    }

    private void FindOurs(PlannedQuery query)
    {
        _ours.Clear();
        table.Find(query.Hash, radius, _ours);
    }

    private double AskPeer(PlannedQuery query)
    {
        _theirs.Clear();
        double start = ThreadClock.Now;
        peer.Find(query.Hash, radius, _theirs);
        return ThreadClock.Now - start;
    }
}
