using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>
/// The rows of a run of whole segments, one segment's behind another's: PDQ rows in a table by distance, digest rows in
/// one by value, numbered apart. It knows nothing of lists, so snapshots share it. A delta takes further segments while
/// it is read, each reader asking for the rows that its snapshot knows of.
/// </summary>
internal sealed class IndexPart
{
    private readonly HammingTable? _table;
    private readonly HammingDelta? _delta;
    private readonly DigestTable _digests;
    private readonly NativeBytes _bytes;
    private ReferenceCount _references = ReferenceCount.One;

    private IndexPart(HammingTable? table, HammingDelta? delta, DigestTable digests, NativeBytes bytes)
    {
        _table = table;
        _delta = delta;
        _digests = digests;
        _bytes = bytes;
        Bytes = (table?.Bytes ?? 0) + (delta?.Bytes ?? 0) + digests.Bytes;
        _bytes.Add(Bytes);
    }

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes { get; }

    /// <summary>Whether its memory is freed.</summary>
    public bool IsFreed => _references.IsFree;

    /// <summary>Whether it takes further segments.</summary>
    public bool IsDelta => _delta is not null;

    /// <summary>PDQ rows, for the writer.</summary>
    public int PdqRows => _table?.Count ?? _delta?.Count ?? 0;

    /// <summary>Digest rows, for the writer.</summary>
    public int DigestRows => _digests.Count;

    /// <summary>Builds a part of segments.</summary>
    /// <param name="segments">One's rows behind another's.</param>
    /// <param name="bytes">Counts its memory.</param>
    /// <param name="maxBytes">Most bytes that building may need, whatever is available.</param>
    /// <param name="cancellation">Ends the building.</param>
    /// <exception cref="IndexTooLargeException">It would not fit; nothing was built.</exception>
    public static IndexPart Build(
        IReadOnlyList<ListSegment> segments, NativeBytes bytes, long maxBytes, CancellationToken cancellation)
    {
        int pdqRows = 0;
        int rows = 0;
        foreach (ListSegment segment in segments)
        {
            pdqRows += segment.PdqRows;
            rows = checked(rows + segment.Rows);
        }

        // Before anything is allocated: a system that overcommits would kill the process instead.
        MemoryBudget.Require(
            HammingTable.Estimate(pdqRows).Building + DigestTable.BytesFor(rows - pdqRows), maxBytes);
        DigestTable digests = new(rows - pdqRows);
        try
        {
            foreach (ListSegment segment in segments)
            {
                cancellation.ThrowIfCancellationRequested();
                AddDigests(digests, segment);
            }

            return new IndexPart(BuildTable(segments, pdqRows, cancellation), null, digests, bytes);
        }
        catch
        {
            digests.Dispose();
            throw;
        }
    }

    /// <summary>An empty delta.</summary>
    /// <param name="capacity">Rows of each kind that it has room for.</param>
    /// <param name="bytes">Counts its memory.</param>
    public static IndexPart CreateDelta(int capacity, NativeBytes bytes) =>
        new(null, new HammingDelta(capacity), new DigestTable(capacity), bytes);

    /// <summary>Adds a segment's rows behind the others, unless there is no room for all of them.</summary>
    public bool TryAppend(ListSegment segment)
    {
        if (_delta is null
            || segment.PdqRows > _delta.Capacity - _delta.Count
            || segment.Rows - segment.PdqRows > _digests.Capacity - _digests.Count)
        {
            return false;
        }

        for (int row = 0; row < segment.PdqRows; row++)
        {
            _delta.Add(segment.PdqAt(row));
        }

        AddDigests(_digests, segment);
        return true;
    }

    /// <summary>Adds every PDQ row below <paramref name="rows"/> that is near enough.</summary>
    /// <param name="query">What distances are from.</param>
    /// <param name="maxDistance">0 to 256, inclusive.</param>
    /// <param name="rows">Rows that the snapshot knows of.</param>
    /// <param name="found">Added to, in no particular order.</param>
    public void Find(in HashValue query, int maxDistance, int rows, List<NearRow> found)
    {
        if (_delta is not null)
        {
            _delta.Find(query, maxDistance, rows, found);
        }
        else
        {
            _table?.Find(query, maxDistance, found);
        }
    }

    /// <summary>The rows by digest.</summary>
    public DigestTable Digests => _digests;

    /// <summary>Holds it for another snapshot.</summary>
    public void Hold()
    {
        bool held = _references.TryAdd();
        ObjectDisposedException.ThrowIf(!held, this);
    }

    /// <summary>Lets go; the last one frees its memory.</summary>
    public void Release()
    {
        if (_references.Release())
        {
            _table?.Dispose();
            _delta?.Dispose();
            _digests.Dispose();
            _bytes.Add(-Bytes);
        }
    }

    private static HammingTable? BuildTable(
        IReadOnlyList<ListSegment> segments, int rows, CancellationToken cancellation)
    {
        if (rows == 0)
        {
            return null;
        }

        HashRows hashes = new(rows);
        foreach (ListSegment segment in segments)
        {
            if (cancellation.IsCancellationRequested)
            {
                hashes.Dispose();
                cancellation.ThrowIfCancellationRequested();
            }

            for (int row = 0; row < segment.PdqRows; row++)
            {
                hashes.Add(segment.PdqAt(row));
            }
        }

        return HammingTable.Build(hashes, cancellation);
    }

    private static void AddDigests(DigestTable digests, ListSegment segment)
    {
        for (int row = segment.PdqRows; row < segment.Rows; row++)
        {
            EntryKey key = segment.KeyAt(row);
            digests.Add(DigestTable.HashOf(key.Type, key.Value));
        }
    }
}
