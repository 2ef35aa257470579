using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>The segments of one version in memory, with the rows that later segments override masked out.</summary>
public sealed class VersionContent
{
    private readonly SegmentView[] _segments;
    private readonly int _baseCount;

    private VersionContent(SegmentView[] segments, int baseCount, EntryCounts counts)
    {
        _segments = segments;
        _baseCount = baseCount;
        Counts = counts;
    }

    /// <summary>Entries that are in the version.</summary>
    public EntryCounts Counts { get; }

    /// <summary>Base segments in order of their keys, then deltas, oldest first.</summary>
    internal IReadOnlyList<SegmentView> Segments => _segments;

    /// <summary>Lays deltas over base segments.</summary>
    /// <exception cref="StoreCorruptException">Base segments overlap, are in disorder, or hold a tombstone.</exception>
    internal static VersionContent Create(
        IReadOnlyList<ListSegment> baseSegments, IReadOnlyList<ListSegment> deltas)
    {
        CheckBase(baseSegments);
        ListSegment[] all = [.. baseSegments, .. deltas];
        ulong[]?[] masks = new ulong[]?[all.Length];
        for (int delta = baseSegments.Count; delta < all.Length; delta++)
        {
            for (int row = 0; row < all[delta].Rows; row++)
            {
                Override(all, masks, baseSegments.Count, delta, all[delta].KeyAt(row));
                if (all[delta].IsTombstone(row))
                {
                    Mask(all, masks, delta, row);
                }
            }
        }

        SegmentView[] views = new SegmentView[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            views[i] = new SegmentView(all[i], masks[i]);
        }

        return new VersionContent(views, baseSegments.Count, Count(views));
    }

    /// <summary>Finds the one row of a key that is in the version.</summary>
    internal bool TryFind(EntryKey key, out SegmentView found, out int row)
    {
        int place = BaseFor(_segments, _baseCount, key);
        if (place >= 0 && IsLive(_segments[place], key, out row))
        {
            found = _segments[place];
            return true;
        }

        for (int i = _segments.Length - 1; i >= _baseCount; i--)
        {
            if (IsLive(_segments[i], key, out row))
            {
                found = _segments[i];
                return true;
            }
        }

        (found, row) = (default, -1);
        return false;
    }

    private static bool IsLive(SegmentView view, EntryKey key, out int row)
    {
        row = view.Segment.Find(key);
        return row >= 0 && view.IsLive(row);
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

    private static void Override(ListSegment[] all, ulong[]?[] masks, int baseCount, int delta, EntryKey key)
    {
        int place = BaseFor(all, baseCount, key);
        if (place >= 0 && all[place].Find(key) is int row and >= 0)
        {
            Mask(all, masks, place, row);
        }

        for (int earlier = baseCount; earlier < delta; earlier++)
        {
            if (all[earlier].Find(key) is int overridden and >= 0)
            {
                Mask(all, masks, earlier, overridden);
            }
        }
    }

    private static void Mask(ListSegment[] all, ulong[]?[] masks, int place, int row)
    {
        ulong[] mask = masks[place] ??= new ulong[(all[place].Rows + 63) / 64];
        mask[row >> 6] |= 1UL << row;
    }

    // The last base segment that begins at or before the key; -1 when there is none.
    private static int BaseFor(ListSegment[] segments, int baseCount, EntryKey key)
    {
        int low = 0;
        int high = baseCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = segments[middle].First <= key ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private static int BaseFor(SegmentView[] segments, int baseCount, EntryKey key)
    {
        int low = 0;
        int high = baseCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = segments[middle].Segment.First <= key ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private static EntryCounts Count(SegmentView[] views)
    {
        Span<long> counts = stackalloc long[(int)HashType.Sha256 + 1];
        counts.Clear();
        foreach (SegmentView view in views)
        {
            for (HashType type = HashType.Pdq; type <= HashType.Sha256; type++)
            {
                counts[(int)type] += view.Segment.Count(type);
            }

            for (int row = 0; view.Masked is not null && row < view.Segment.Rows; row++)
            {
                counts[(int)view.Segment.TypeAt(row)] -= view.IsLive(row) ? 0 : 1;
            }
        }

        return new EntryCounts
        {
            Pdq = counts[(int)HashType.Pdq],
            Md5 = counts[(int)HashType.Md5],
            Sha1 = counts[(int)HashType.Sha1],
            Sha256 = counts[(int)HashType.Sha256],
        };
    }
}
