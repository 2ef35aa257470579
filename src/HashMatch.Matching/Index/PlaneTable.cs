namespace HashMatch.Matching.Index;

/// <summary>Few rows: looking at all of them is faster than looking any up.</summary>
internal sealed class PlaneTable : HammingTable
{
    private readonly HashPlanes _planes;

    /// <param name="hashes">Shuffled.</param>
    /// <param name="width">Which kernels.</param>
    public PlaneTable(HashRows hashes, VectorWidth width)
        : base(hashes) => _planes = new HashPlanes(hashes, width);

    public override long Bytes => _planes.Bytes;

    /// <summary>Which kernels it uses.</summary>
    public VectorWidth Width => _planes.Width;

    /// <summary>What it holds, which is all that building needs too.</summary>
    public static new (long Held, long Building) Estimate(long rows) =>
        (HashPlanes.Estimate(rows), HashPlanes.Estimate(rows));

    public override void Find(in HashValue query, int maxDistance, List<NearRow> found)
    {
        CheckDistance(maxDistance);
        _planes.Find(BitOrder.Apply(query), maxDistance, Count, found);
    }

    protected override void Dispose(bool disposing)
    {
        _planes.Dispose();
        base.Dispose(disposing);
    }
}
