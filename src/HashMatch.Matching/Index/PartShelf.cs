using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>
/// The parts that the next snapshot can be made of. New small segments go to a delta, larger ones, and many, become a
/// part at once. A segment that no list uses any more is forgotten, and dropped when its part is merged.
/// For one thread.
/// </summary>
internal sealed class PartShelf(IndexSizes sizes) : IDisposable
{
    private readonly IndexSizes _sizes = sizes;
    private readonly Dictionary<ListSegment, SegmentPlace> _places = [];
    private readonly List<HeldPart> _parts = [];
    private HeldPart? _delta;
    private long _snapshots;

    /// <summary>Native memory of all parts that are not freed, whoever holds them.</summary>
    public NativeBytes Bytes { get; } = new();

    /// <summary>The parts that are held for further snapshots.</summary>
    public IReadOnlyList<HeldPart> Parts => _parts;

    /// <summary>Enabled lists that uploads meet, by name: those of a snapshot.</summary>
    public static IndexedList[] Enabled(IEnumerable<IndexedList> lists) =>
    [
        .. lists.Where(list => list.Policy.Enabled && list.Policy.Kind != ListKind.Canary)
            .OrderBy(list => list.Name, StringComparer.Ordinal),
    ];

    /// <summary>Finds a place for every segment that has none.</summary>
    /// <exception cref="IndexTooLargeException">They would not fit; those that have places keep them.</exception>
    public void Take(IndexedList[] lists, CancellationToken cancellation)
    {
        List<ListSegment> added = [];
        HashSet<ListSegment> known = [];
        long small = 0;
        foreach (SegmentView view in lists.SelectMany(list => list.Content.Segments))
        {
            if (!_places.ContainsKey(view.Segment) && known.Add(view.Segment))
            {
                added.Add(view.Segment);
                small += IsSmall(view.Segment) ? view.Segment.Rows : 0;
            }
        }

        bool append = small <= _sizes.DeltaRows;
        List<ListSegment> built = added.FindAll(segment => !append || !IsSmall(segment));
        if (built.Count > 0)
        {
            Place(new HeldPart(Build(built, cancellation)), built);
        }

        foreach (ListSegment segment in added.FindAll(segment => append && IsSmall(segment)))
        {
            Append(segment);
        }
    }

    /// <summary>A snapshot of lists whose segments all have places; parts that no list uses are dropped.</summary>
    /// <returns>Owned by the caller.</returns>
    public HashIndex Snapshot(long generation, IndexedList[] lists)
    {
        _snapshots++;
        _parts.ForEach(part => part.BeginGathering());
        int used = 0;
        for (int list = 0; list < lists.Length; list++)
        {
            foreach (SegmentView view in lists[list].Content.Segments)
            {
                used += Gather(list, view) ? 1 : 0;
            }
        }

        if (used < _places.Count)
        {
            Forget();
        }

        SnapshotPart[] parts = [.. _parts.Where(part => part.LiveRows > 0).Select(part => part.ToSnapshot())];
        foreach (HeldPart unused in _parts.FindAll(part => part.LiveRows == 0))
        {
            Drop(unused);
        }

        return new HashIndex(generation, lists, parts);
    }

    /// <summary>Builds a part; it may run beside anything else.</summary>
    /// <inheritdoc cref="IndexPart.Build"/>
    public IndexPart Build(
        IReadOnlyList<ListSegment> segments, CancellationToken cancellation, Action? pace = null) =>
        IndexPart.Build(segments, Bytes, _sizes.MaxBuildBytes, pace, cancellation);

    /// <summary>Ends the delta: it takes no more, and can be merged.</summary>
    public void Seal() => _delta = null;

    /// <summary>Whether there are parts that are worth merging.</summary>
    public bool IsWorthMerging => Worthwhile().Count > 0;

    /// <summary>Full deltas that no merge is reading.</summary>
    public bool HasTooManyDeltas => _parts.Count(IsWaiting) > _sizes.WaitingDeltas;

    /// <summary>Parts that are worth merging, and what they become; null when there are none.</summary>
    public PartMerge? Choose() => Merge(Worthwhile());

    /// <summary>All deltas that are full, and what they become; null when there are none.</summary>
    public PartMerge? ChooseDeltas() => Merge(_parts.FindAll(IsWaiting));

    /// <summary>
    /// Puts what was merged in the place of its inputs. A segment that no list uses by now is forgotten again with the
    /// next snapshot; one that came back meanwhile, and was placed anew, moves here.
    /// </summary>
    /// <param name="merge">From <see cref="Choose"/>.</param>
    /// <param name="merged">Built of its segments; held from here on.</param>
    public void Replace(PartMerge merge, IndexPart merged)
    {
        Place(new HeldPart(merged), merge.Segments);
        merge.Inputs.ForEach(Drop);
    }

    /// <summary>Gives up a merge.</summary>
    public static void Abandon(PartMerge merge) => merge.Inputs.ForEach(part => part.IsMerging = false);

    public void Dispose()
    {
        _places.Clear();
        while (_parts.Count > 0)
        {
            Drop(_parts[^1]);
        }
    }

    private bool IsSmall(ListSegment segment) => segment.Rows <= _sizes.DeltaRows;

    private void Append(ListSegment segment)
    {
        (int pdqStart, int digestStart) = (_delta?.Part.PdqRows ?? 0, _delta?.Part.DigestRows ?? 0);
        if (_delta is null || !_delta.Part.TryAppend(segment))
        {
            (pdqStart, digestStart) = (0, 0);
            _delta = new HeldPart(IndexPart.CreateDelta(_sizes.DeltaRows, Bytes));
            _parts.Add(_delta);
            if (!_delta.Part.TryAppend(segment))
            {
                throw new InvalidOperationException("A segment that is small does not fit an empty delta.");
            }
        }

        _places[segment] = new SegmentPlace(_delta, pdqStart, digestStart);
    }

    private void Place(HeldPart part, IReadOnlyList<ListSegment> segments)
    {
        _parts.Add(part);
        int pdqStart = 0;
        int digestStart = 0;
        foreach (ListSegment segment in segments)
        {
            _places[segment] = new SegmentPlace(part, pdqStart, digestStart);
            pdqStart += segment.PdqRows;
            digestStart += segment.Rows - segment.PdqRows;
        }
    }

    // Whether the segment was not yet gathered for this snapshot.
    private bool Gather(int list, SegmentView view)
    {
        ListSegment segment = view.Segment;
        SegmentPlace place = _places[segment];
        HeldPart part = place.Part;
        int digestRows = segment.Rows - segment.PdqRows;
        if (segment.PdqRows > 0)
        {
            part.Pdq.Add(new LiveSegment(list, view, place.PdqStart, segment.PdqRows));
        }

        if (digestRows > 0)
        {
            part.Digests.Add(new LiveSegment(list, view, place.DigestStart, digestRows));
        }

        if (place.UsedBy == _snapshots)
        {
            return false;
        }

        place.UsedBy = _snapshots;
        part.LiveRows += segment.Rows;
        return true;
    }

    private void Forget()
    {
        foreach ((ListSegment segment, SegmentPlace place) in _places)
        {
            if (place.UsedBy != _snapshots)
            {
                // Removing is the one change that a dictionary allows while it is walked.
                _places.Remove(segment);
            }
        }
    }

    private void Drop(HeldPart part)
    {
        if (_parts.Remove(part))
        {
            _delta = _delta == part ? null : _delta;
            part.Part.Release();
        }
    }

    private bool IsWaiting(HeldPart part) => part.Part.IsDelta && part != _delta && !part.IsMerging;

    // From the smallest up, as long as a part is small or not much larger than all before; and what is mostly dead.
    private List<HeldPart> Worthwhile()
    {
        HeldPart[] parts =
            [.. _parts.Where(part => part != _delta && !part.IsMerging).OrderBy(part => part.LiveRows)];
        long rows = 0;
        int end = 0;
        while (end < parts.Length && rows + parts[end].LiveRows <= Array.MaxLength
            && (parts[end].Part.IsDelta || parts[end].LiveRows <= Math.Max(_sizes.SmallRows, _sizes.Ratio * rows)))
        {
            rows += parts[end++].LiveRows;
        }

        List<HeldPart> chosen = end > 1 ? [.. parts[..end]] : [];
        chosen.AddRange(parts[(end > 1 ? end : 0)..].Where(part => part.Rows > 2 * part.LiveRows));
        return chosen;
    }

    private PartMerge? Merge(List<HeldPart> chosen)
    {
        if (chosen.Count == 0)
        {
            return null;
        }

        Dictionary<HeldPart, int> order = chosen.Index().ToDictionary(part => part.Item, part => part.Index);
        ListSegment[] segments =
        [
            .. _places.Where(place => order.ContainsKey(place.Value.Part))
                .OrderBy(place => order[place.Value.Part])
                .ThenBy(place => place.Value.PdqStart)
                .ThenBy(place => place.Value.DigestStart)
                .Select(place => place.Key),
        ];
        chosen.ForEach(part => part.IsMerging = true);
        return new PartMerge(chosen, segments);
    }
}
