using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>A table that looks rows up by chunks of their bits, and reads all of them where that is cheaper.</summary>
internal abstract unsafe class ChunkedTable : HammingTable
{
    // A query whose chunks name more rows than this costs more than to read all; in crowds of like rows there are some.
    private const int ChecksBesides = 4096;
    private const int RowsPerCheck = 4;

    private readonly SearchPlan?[] _plans = new SearchPlan?[257];

    protected ChunkedTable(HashRows hashes, ChunkLayout layout, VectorWidth width)
        : base(hashes)
    {
        Layout = layout;
        Width = width;
    }

    /// <summary>How bits are cut.</summary>
    public ChunkLayout Layout { get; }

    /// <summary>Which kernels it uses.</summary>
    public VectorWidth Width { get; }

    /// <summary>Row numbers, by chunk and place: the first chunk's rows, then the second's.</summary>
    protected abstract uint* Ids { get; }

    private long MostChecks => ChecksBesides + (Count / RowsPerCheck);

    /// <summary>How rows within a distance are looked for.</summary>
    public SearchPlan PlanFor(int maxDistance) =>
        _plans[maxDistance] ??= SearchPlan.Create(Layout, Count, maxDistance);

    public sealed override void Find(in HashValue query, int maxDistance, List<NearRow> found)
    {
        CheckDistance(maxDistance);
        HashValue shuffled = BitOrder.Apply(query);
        SearchPlan plan = PlanFor(maxDistance);
        if (plan.ReadsAll)
        {
            RowScan.Find(Hashes.First, Count, shuffled, maxDistance, found);
        }
        else
        {
            Probe(shuffled, maxDistance, plan, MostChecks, found, null);
        }
    }

    [SkipLocalsInit]
    public sealed override void FindMany(
        ReadOnlySpan<HashValue> queries, int maxDistance, List<NearRow> found, Span<int> ends)
    {
        CheckDistance(maxDistance);
        SearchPlan plan = PlanFor(maxDistance);
        if (plan.ReadsAll || queries.IsEmpty)
        {
            base.FindMany(queries, maxDistance, found, ends);
            return;
        }

        // While one query's last rows are on their way, the next one's first buckets are too.
        ulong* scratch = stackalloc ulong[2 * CandidateBatch.ScratchWords];
        CandidateBatch previous = default;
        for (int i = 0; i < queries.Length; i++)
        {
            HashValue shuffled = BitOrder.Apply(queries[i]);
            CandidateBatch batch = new(
                scratch + (i % 2 * CandidateBatch.ScratchWords), Ids, Hashes, shuffled, maxDistance, plan, MostChecks,
                found);
            Probe(shuffled, plan, ref batch, ref previous);
            if (i > 0)
            {
                ends[i - 1] = previous.End;
            }

            previous = batch;
        }

        previous.Finish();
        ends[queries.Length - 1] = previous.End;
    }

    /// <summary>Finds by a plan of that distance, whatever it costs.</summary>
    /// <param name="query">What distances are from.</param>
    /// <param name="maxDistance">0 to 256.</param>
    /// <param name="plan">Of this table's layout.</param>
    /// <param name="found">Added to.</param>
    /// <param name="candidates">Gets chunk and row of whatever the filter lets pass.</param>
    public void FindBy(
        SearchPlan plan, in HashValue query, int maxDistance, List<NearRow> found, List<(int, int)> candidates) =>
        Probe(BitOrder.Apply(query), maxDistance, plan, long.MaxValue, found, candidates);

    /// <summary>Looks through the plan's buckets.</summary>
    /// <param name="query">Shuffled.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="batch">Takes the candidates; looking ends when it is exhausted.</param>
    /// <param name="previous">The batch of the query before, which this one begins after.</param>
    protected abstract void Probe(
        in HashValue query, SearchPlan plan, ref CandidateBatch batch, ref CandidateBatch previous);

    [SkipLocalsInit]
    private void Probe(
        in HashValue query, int maxDistance, SearchPlan plan, long mostChecks, List<NearRow> found,
        List<(int, int)>? candidates)
    {
        ulong* scratch = stackalloc ulong[CandidateBatch.ScratchWords];
        CandidateBatch batch = new(scratch, Ids, Hashes, query, maxDistance, plan, mostChecks, found)
        {
            Trace = candidates,
        };
        CandidateBatch none = default;
        Probe(query, plan, ref batch, ref none);
        batch.Finish();
    }
}
