namespace HashMatch.Matching.Index;

/// <summary>The first entries of one list that were offered, in a heap whose root is the last of them.</summary>
internal sealed class NearestEntries
{
    private NearEntry[] _heap = [];
    private int _capacity;

    /// <summary>Entries that are kept.</summary>
    public int Count { get; private set; }

    /// <summary>Whether an entry was offered that is not kept.</summary>
    public bool HasDropped { get; private set; }

    /// <summary>Whether what is farther than <see cref="MaxDistance"/> changes nothing any more.</summary>
    public bool IsClosed => HasDropped && Count == _capacity;

    /// <summary>Distance from which on nothing more is kept; 256 while there is room, or an entry that is capped, for
    /// whose place a farther one will do.</summary>
    public int MaxDistance => Count < _capacity || _heap[0].IsCapped ? 256 : _heap[0].Distance;

    /// <summary>The entries that are kept, in no particular order.</summary>
    public ReadOnlySpan<NearEntry> Kept => _heap.AsSpan(0, Count);

    /// <summary>Begins anew.</summary>
    /// <param name="capacity">Most entries to keep, at least 1.</param>
    public void Begin(int capacity)
    {
        Clear();
        _capacity = capacity;
    }

    /// <summary>Lets go of what is kept.</summary>
    public void Clear()
    {
        Array.Clear(_heap, 0, Count);
        (Count, HasDropped) = (0, false);
    }

    /// <summary>Whether an entry would be kept.</summary>
    public bool Takes(in NearEntry entry) => Count < _capacity || entry.CompareTo(_heap[0]) < 0;

    /// <summary>Says that an entry was there that is not kept.</summary>
    public void Drop() => HasDropped = true;

    /// <summary>Keeps an entry that <see cref="Takes"/> says yes to, in the place of the last when full.</summary>
    public void Add(in NearEntry entry)
    {
        if (Count < _capacity)
        {
            if (Count == _heap.Length)
            {
                Array.Resize(ref _heap, Math.Max(16, 2 * Count));
            }

            Raise(entry, Count++);
            return;
        }

        HasDropped = true;
        Sink(entry);
    }

    private void Raise(in NearEntry entry, int place)
    {
        while (place > 0)
        {
            int parent = (place - 1) / 2;
            if (entry.CompareTo(_heap[parent]) <= 0)
            {
                break;
            }

            _heap[place] = _heap[parent];
            place = parent;
        }

        _heap[place] = entry;
    }

    private void Sink(in NearEntry entry)
    {
        int place = 0;
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].CompareTo(_heap[child]) > 0)
            {
                child++;
            }

            if (entry.CompareTo(_heap[child]) >= 0)
            {
                break;
            }

            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = entry;
    }
}
