using HashMatch.Pdq;

namespace HashMatch.Matching.Index;

/// <summary>
/// An immutable set of hashes that answers exactly: every row within a distance, none missed, none extra, none twice.
/// Any number of threads may ask at once; nobody may ask when it is disposed.
/// </summary>
internal class HammingTable : IDisposable
{
    private readonly HashRows _hashes;

    private HammingTable(HashRows hashes) => _hashes = hashes;

    /// <summary>Rows.</summary>
    public int Count => _hashes.Count;

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes => 32L * _hashes.Capacity;

    /// <summary>Builds the kind of table that suits the number of hashes.</summary>
    /// <param name="hashes">Owned by the table from here on, when building fails too.</param>
    /// <param name="cancellation">Ends the building.</param>
    public static HammingTable Build(HashRows hashes, CancellationToken cancellation) => new(hashes);

    /// <summary>Bytes that a table of so many rows holds, and the most that building it needs, the hashes included.
    /// </summary>
    public static (long Held, long Building) Estimate(long rows) => (32 * rows, 32 * rows);

    /// <summary>Adds every row that is near enough, in no particular order.</summary>
    /// <param name="query">What distances are from.</param>
    /// <param name="maxDistance">0 to 256, inclusive.</param>
    /// <param name="found">Added to.</param>
    public void Find(in HashValue query, int maxDistance, List<NearRow> found)
    {
        PdqHash hash = query.ToPdq();
        for (int row = 0; row < Count; row++)
        {
            int distance = _hashes[row].ToPdq().Distance(hash);
            if (distance <= maxDistance)
            {
                found.Add(new NearRow(row, distance));
            }
        }
    }

    public void Dispose() => _hashes.Dispose();
}
