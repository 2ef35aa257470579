using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>
/// One thread's look-up of a hash: which lists take it and how far each looks, and room that is used again, so that a
/// look-up allocates nothing.
/// </summary>
internal sealed class IndexSearch
{
    private const int Refuses = -1;

    // Room that a rare query needed is not kept for ever.
    private const int MostRowsKept = 64 * 1024;

    [ThreadStatic]
    private static IndexSearch? _ofThread;

    private readonly List<NearestEntries> _nearest = [];
    private List<NearRow> _rows = [];
    private int[] _maxDistances = [];
    private IndexedList[] _lists = [];

    // The largest distance that may still change what is found.
    private int _radius;

    public static IndexSearch OfThread => _ofThread ??= new IndexSearch();

    /// <summary>Adds every entry within its list's threshold.</summary>
    public void Find(IndexedList[] lists, SnapshotPart[] parts, in QueryHash hash, List<Candidate> candidates)
    {
        Begin(lists, hash, null);
        HashValue query = HashValue.From(hash.Hash);
        foreach (SnapshotPart part in parts)
        {
            foreach (NearRow row in Rows(part, query))
            {
                LiveSegments live = part.Pdq;
                for (int place = live.Last(row.Row); live.Holds(place, row.Row); place--)
                {
                    ref readonly LiveSegment segment = ref live[place];
                    int at = row.Row - segment.Start;
                    if (row.Distance <= _maxDistances[segment.List] && segment.View.IsLive(at))
                    {
                        candidates.Add(new Candidate(segment.List, segment.View.Segment, at, row.Distance));
                    }
                }
            }
        }

        End();
    }

    /// <summary>Adds the nearest entries of each list that are within its threshold and have not expired.</summary>
    /// <returns>Whether a list that decides has more of them.</returns>
    public bool Find(
        IndexedList[] lists,
        SnapshotPart[] parts,
        in QueryHash hash,
        in FindLimit limit,
        List<Candidate> candidates,
        List<int>? more)
    {
        Begin(lists, hash, limit);
        for (int list = 0; list < lists.Length; list++)
        {
            if (list == _nearest.Count)
            {
                _nearest.Add(new NearestEntries());
            }

            // One entry of a negative list suppresses as much as all of them do.
            _nearest[list].Begin(lists[list].Policy.Kind == ListKind.Negative ? 1 : limit.PerList);
        }

        HashValue query = HashValue.From(hash.Hash);
        foreach (SnapshotPart part in parts)
        {
            foreach (NearRow row in Rows(part, query))
            {
                if (row.Distance <= _radius)
                {
                    Offer(part.Pdq, row, limit.Now);
                }
            }
        }

        bool decidingMore = false;
        for (int list = 0; list < lists.Length; list++)
        {
            foreach (ref readonly NearEntry entry in _nearest[list].Kept)
            {
                candidates.Add(new Candidate(list, entry.Segment, entry.Row, entry.Distance));
            }

            if (_nearest[list].HasDropped)
            {
                more?.Add(list);
                decidingMore |= lists[list].Policy.Decides;
            }

            _nearest[list].Clear();
        }

        End();
        return decidingMore;
    }

    private void Begin(IndexedList[] lists, in QueryHash hash, FindLimit? limit)
    {
        _lists = lists;
        if (_maxDistances.Length < lists.Length)
        {
            _maxDistances = new int[lists.Length];
        }

        _radius = Refuses;
        for (int list = 0; list < lists.Length; list++)
        {
            MatchPolicy policy = lists[list].Policy;
            bool takes = hash.Quality >= policy.MinQuality && hash.IsAcceptedBy(policy)
                && (limit is null || lists[list].LooksUp(limit.Value));
            _maxDistances[list] = takes ? policy.MaxDistance : Refuses;
            _radius = Math.Max(_radius, _maxDistances[list]);
        }
    }

    private List<NearRow> Rows(SnapshotPart part, in HashValue query)
    {
        _rows.Clear();
        if (_radius != Refuses)
        {
            part.FindRows(query, _radius, _rows);
        }

        return _rows;
    }

    private void Offer(LiveSegments live, NearRow row, DateTimeOffset now)
    {
        for (int place = live.Last(row.Row); live.Holds(place, row.Row); place--)
        {
            ref readonly LiveSegment segment = ref live[place];
            NearestEntries nearest = _nearest[segment.List];
            int at = row.Row - segment.Start;
            if (row.Distance > _maxDistances[segment.List] || (nearest.IsClosed && row.Distance > nearest.MaxDistance)
                || !segment.View.IsLive(at))
            {
                continue;
            }

            ListSegment rows = segment.View.Segment;
            NearEntry entry = new(row.Distance, rows.PdqAt(at), rows, at, _lists[segment.List].IsCapped(rows, at));
            bool takes = nearest.Takes(entry);
            if ((!takes && nearest.HasDropped) || rows.ExpiresAt(at) <= now)
            {
                continue;
            }

            if (takes)
            {
                nearest.Add(entry);
            }
            else
            {
                nearest.Drop();
            }

            if (nearest.IsClosed)
            {
                Narrow();
            }
        }
    }

    // Once every list has all that it may give and knows that there is more, farther rows are nothing to anybody.
    private void Narrow()
    {
        int radius = Refuses;
        for (int list = 0; list < _lists.Length; list++)
        {
            int most = _maxDistances[list];
            if (most != Refuses)
            {
                radius = Math.Max(radius, _nearest[list].IsClosed ? Math.Min(most, _nearest[list].MaxDistance) : most);
            }
        }

        _radius = radius;
    }

    private void End()
    {
        _lists = [];
        _rows.Clear();
        if (_rows.Capacity > MostRowsKept)
        {
            _rows = [];
        }
    }
}
