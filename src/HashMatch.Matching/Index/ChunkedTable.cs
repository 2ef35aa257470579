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
    protected abstract void Probe(in HashValue query, SearchPlan plan, ref CandidateBatch batch);

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
        Probe(query, plan, ref batch);
        batch.Finish();
    }
}
