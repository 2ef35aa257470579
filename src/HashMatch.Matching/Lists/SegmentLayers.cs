using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Lays deltas over base segments: masks, row by row, what later segments override, and keeps count. Masks of an
/// earlier version are shared until they change.
/// </summary>
internal sealed class SegmentLayers
{
    private readonly SegmentView[] _views;
    private readonly bool[] _ownsMask;
    private readonly int _baseCount;
    private readonly long[] _counts = new long[(int)HashType.Sha256 + 1];

    private SegmentLayers(SegmentView[] views, int baseCount)
    {
        _views = views;
        _ownsMask = new bool[views.Length];
        _baseCount = baseCount;
    }

    /// <summary>The segments as they are now.</summary>
    public SegmentView[] Views => _views;

    /// <summary>Rows that are not masked.</summary>
    public EntryCounts Counts => new()
    {
        Pdq = _counts[(int)HashType.Pdq],
        Md5 = _counts[(int)HashType.Md5],
        Sha1 = _counts[(int)HashType.Sha1],
        Sha256 = _counts[(int)HashType.Sha256],
    };

    /// <summary>All layers, from the base on.</summary>
    /// <exception cref="StoreCorruptException">Base segments overlap, are in disorder, or hold a tombstone.</exception>
    public static SegmentLayers Of(IReadOnlyList<ListSegment> baseSegments, IReadOnlyList<ListSegment> deltas)
    {
        CheckBase(baseSegments);
        SegmentLayers layers = new(
            [.. baseSegments.Concat(deltas).Select(segment => new SegmentView(segment, null))], baseSegments.Count);
        Array.ForEach(layers._views, view => layers.Count(view.Segment, 1));
        layers.LayFrom(baseSegments.Count);
        return layers;
    }

    /// <summary>
    /// The layers of a version that shares its base, and its first deltas, with an earlier one: only what is behind
    /// those is laid. The earlier version's masks hold where the new deltas name every key that the old ones named,
    /// as appended and as merged ones do.
    /// </summary>
    /// <param name="previous">The earlier version's segments.</param>
    /// <param name="previousCounts">Its counts.</param>
    /// <param name="baseCount">Base segments, which both share.</param>
    /// <param name="deltas">Of the new version.</param>
    /// <returns>Null when masks of the earlier version may not hold.</returns>
    public static SegmentLayers? After(
        SegmentView[] previous, EntryCounts previousCounts, int baseCount, IReadOnlyList<ListSegment> deltas)
    {
        int shared = baseCount;
        while (shared < previous.Length && shared - baseCount < deltas.Count
            && previous[shared].Segment == deltas[shared - baseCount])
        {
            shared++;
        }

        ListSegment[] behind = [.. deltas.Skip(shared - baseCount)];
        SegmentView[] replaced = previous[shared..];
        if (!Array.TrueForAll(replaced, view => NamesAll(behind, view.Segment)))
        {
            return null;
        }

        SegmentLayers layers = new(
            [.. previous[..shared], .. behind.Select(segment => new SegmentView(segment, null))], baseCount);
        for (HashType type = HashType.Pdq; type <= HashType.Sha256; type++)
        {
            layers._counts[(int)type] = previousCounts.Of(type);
        }

        Array.ForEach(replaced, layers.Uncount);
        Array.ForEach(behind, segment => layers.Count(segment, 1));
        layers.LayFrom(shared);
        return layers;
    }

    private static bool NamesAll(ListSegment[] segments, ListSegment keys)
    {
        for (int row = 0; row < keys.Rows; row++)
        {
            EntryKey key = keys.KeyAt(row);
            if (!Array.Exists(segments, segment => segment.Find(key) >= 0))
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckBase(IReadOnlyList<ListSegment> segments)
    {
        for (int i = 0; i < segments.Count; i++)
        {
            if (i > 0 && segments[i].First <= segments[i - 1].Last)
            {
                throw new StoreCorruptException("Base segments overlap or are out of order.");
            }

            if (segments[i].HasTombstones)
            {
                throw new StoreCorruptException("A base segment holds a tombstone.");
            }
        }
    }

    private void LayFrom(int first)
    {
        for (int delta = first; delta < _views.Length; delta++)
        {
            ListSegment segment = _views[delta].Segment;
            for (int row = 0; row < segment.Rows; row++)
            {
                Override(delta, segment.KeyAt(row));
                if (segment.IsTombstone(row))
                {
                    Mask(delta, row);
                }
            }
        }
    }

    // The last base segment that begins at or before the key; -1 when there is none.
    private int BaseFor(EntryKey key)
    {
        int low = 0;
        int high = _baseCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = _views[middle].Segment.First <= key ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private void Override(int delta, EntryKey key)
    {
        int place = BaseFor(key);
        if (place >= 0)
        {
            Mask(place, _views[place].Segment.Find(key));
        }

        for (int earlier = _baseCount; earlier < delta; earlier++)
        {
            Mask(earlier, _views[earlier].Segment.Find(key));
        }
    }

    private void Mask(int place, int row)
    {
        SegmentView view = _views[place];
        if (row < 0 || !view.IsLive(row))
        {
            return;
        }

        ulong[]? mask = view.Masked;
        if (!_ownsMask[place])
        {
            // Readers of the earlier version hold the old one.
            mask = mask is null ? new ulong[(view.Segment.Rows + 63) / 64] : (ulong[])mask.Clone();
            _views[place] = view with { Masked = mask };
            _ownsMask[place] = true;
        }

        mask![row >> 6] |= 1UL << row;
        _counts[(int)view.Segment.TypeAt(row)]--;
    }

    private void Count(ListSegment segment, int sign)
    {
        for (HashType type = HashType.Pdq; type <= HashType.Sha256; type++)
        {
            _counts[(int)type] += sign * segment.Count(type);
        }
    }

    private void Uncount(SegmentView view)
    {
        Count(view.Segment, -1);
        for (int row = 0; view.Masked is not null && row < view.Segment.Rows; row++)
        {
            _counts[(int)view.Segment.TypeAt(row)] += view.IsLive(row) ? 0 : 1;
        }
    }
}
