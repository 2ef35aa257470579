namespace HashMatch.Matching.Index;

/// <summary>A part as one snapshot sees it: the rows that it knows of, and who uses them.</summary>
internal sealed class SnapshotPart
{
    private readonly IndexPart _part;
    private readonly int _pdqRows;
    private readonly int _digestRows;

    /// <param name="part">Held for as long as the snapshot.</param>
    /// <param name="pdq">Live segments by their PDQ rows.</param>
    /// <param name="digests">Live segments by their digest rows.</param>
    public SnapshotPart(IndexPart part, LiveSegments pdq, LiveSegments digests)
    {
        part.Hold();
        _part = part;
        _pdqRows = part.PdqRows;
        _digestRows = part.DigestRows;
        Pdq = pdq;
        Digests = digests;
    }

    /// <summary>The part.</summary>
    public IndexPart Part => _part;

    /// <summary>Who uses its PDQ rows.</summary>
    public LiveSegments Pdq { get; }

    /// <summary>Who uses its digest rows.</summary>
    public LiveSegments Digests { get; }

    /// <summary>Adds every PDQ row that is near enough, live or not.</summary>
    public void FindRows(in HashValue query, int maxDistance, List<NearRow> found)
    {
        if (Pdq.All.Length > 0)
        {
            _part.Find(query, maxDistance, _pdqRows, found);
        }
    }

    /// <summary>Adds every live entry that holds a digest.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">Its value.</param>
    /// <param name="hash"><see cref="DigestTable.HashOf"/> it.</param>
    /// <param name="candidates">Added to.</param>
    public void Find(HashType type, in HashValue value, ulong hash, List<Candidate> candidates)
    {
        if (Digests.All.Length == 0)
        {
            return;
        }

        uint slot = _part.Digests.FirstSlot(hash);
        for (int row = _part.Digests.NextRow(hash, ref slot, _digestRows);
            row >= 0;
            row = _part.Digests.NextRow(hash, ref slot, _digestRows))
        {
            for (int place = Digests.Last(row); Digests.Holds(place, row); place--)
            {
                ref readonly LiveSegment live = ref Digests[place];
                int at = live.View.Segment.PdqRows + row - live.Start;
                if (live.View.IsLive(at) && live.View.Segment.KeyAt(at) == new Lists.EntryKey(type, value))
                {
                    candidates.Add(new Candidate(live.List, live.View.Segment, at, 0));
                }
            }
        }
    }

    /// <summary>Lets go of the part.</summary>
    public void Release() => _part.Release();
}
