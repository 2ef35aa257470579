using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// An immutable set of hashes that answers exactly: every row within a distance, none missed, none extra, none twice.
/// Any number of threads may ask at once; nobody may ask when it is disposed.
/// </summary>
internal abstract unsafe class HammingTable : IDisposable
{
    // Where the next kind is faster, measured.
    private const int MostRowsOfPlanes = 9000;
    private const int MostRowsOfLines = 1_200_000;
    private const int MostRowsOfNarrowBuckets = 50_000_000;

    // From so many on the bytes are compared with what the system has left.
    private const long UncheckedBytes = 64 * 1024 * 1024;

    private protected HammingTable(HashRows hashes) => Hashes = hashes;

    /// <summary>Rows.</summary>
    public int Count => Hashes.Count;

    /// <summary>Bytes of native memory that it holds.</summary>
    public abstract long Bytes { get; }

    /// <summary>The rows, shuffled.</summary>
    private protected HashRows Hashes { get; }

    /// <summary>Builds the kind of table that suits the number of hashes.</summary>
    /// <param name="hashes">Owned by the table from here on, when building fails too.</param>
    /// <param name="cancellation">Ends the building.</param>
    /// <param name="pace">Called every few milliseconds of work; may wait, so that lookups beside go on.</param>
    /// <exception cref="IndexTooLargeException">The memory is not there; nothing was allocated.</exception>
    public static HammingTable Build(HashRows hashes, CancellationToken cancellation, Action? pace = null) =>
        Build(hashes, KindFor(hashes.Count), SignatureScan.Widest, new BuildPace(pace, cancellation));

    /// <summary>Builds a table of a kind, for kernels of a width that the processor has.</summary>
    public static HammingTable Build(HashRows hashes, TableKind kind, VectorWidth width, BuildPace pace)
    {
        try
        {
            long needed = Estimate(hashes.Count, kind).Building - (hashes.Count * (long)sizeof(HashValue));
            if (needed > UncheckedBytes)
            {
                MemoryBudget.Require(needed);
            }

            Shuffle(hashes, pace);
            return kind switch
            {
                TableKind.Planes => new PlaneTable(hashes, width),
                TableKind.Lines => LineTable.Create(hashes, width, pace),
                TableKind.NarrowBuckets => BucketTable.Create(hashes, ChunkLayout.Narrow(16), width, pace),
                TableKind.WideBuckets => BucketTable.Create(hashes, ChunkLayout.Wide, width, pace),
                _ => throw new ArgumentOutOfRangeException(nameof(kind)),
            };
        }
        catch
        {
            hashes.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that a table of so many rows holds, and the most that building it needs, the hashes included.
    /// </summary>
    public static (long Held, long Building) Estimate(long rows) => Estimate(rows, KindFor(rows));

    /// <summary>Adds every row that is near enough, in no particular order.</summary>
    /// <param name="query">What distances are from.</param>
    /// <param name="maxDistance">0 to 256, inclusive.</param>
    /// <param name="found">Added to.</param>
    public abstract void Find(in HashValue query, int maxDistance, List<NearRow> found);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Hashes.Dispose();

    private protected static void CheckDistance(int maxDistance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxDistance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDistance, 256);
    }

    private static TableKind KindFor(long rows) =>
        rows <= MostRowsOfPlanes ? TableKind.Planes
        : rows <= MostRowsOfLines ? TableKind.Lines
        : rows <= MostRowsOfNarrowBuckets ? TableKind.NarrowBuckets
        : TableKind.WideBuckets;

    private static (long Held, long Building) Estimate(long rows, TableKind kind) => kind switch
    {
        TableKind.Planes => PlaneTable.Estimate(rows),
        TableKind.Lines => LineTable.Estimate(rows),
        TableKind.NarrowBuckets => BucketTable.Estimate(rows, ChunkLayout.Narrow(16)),
        _ => BucketTable.Estimate(rows, ChunkLayout.Wide),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shuffle(HashRows hashes, BuildPace pace)
    {
        HashValue* rows = hashes.First;
        int count = hashes.Count;
        for (int i = 0; i < count; i++)
        {
            rows[i] = BitOrder.Apply(rows[i]);
            pace.After(i);
        }
    }
}
