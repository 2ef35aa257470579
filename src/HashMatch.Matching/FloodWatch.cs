using System.Collections.Concurrent;
using System.Threading.Channels;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching;

/// <summary>
/// Counts the matches of this process entry by entry, and holds one that floods to Review from the next verdict on. In
/// memory, bounded, and never waits for anything but another match of the same entry. Safe for concurrent use.
/// </summary>
/// <param name="options">When an entry floods.</param>
/// <param name="inStepAt">When the index was last known to be what the store says; null when it never was.</param>
public sealed class FloodWatch(QuarantineOptions options, Func<DateTimeOffset?> inStepAt)
{
    /// <summary>Entries that are counted; beyond, one that has not matched for long is forgotten.</summary>
    public const int MaxCounted = 65_536;

    /// <summary>Entries that are held and not yet in their lists' documents; beyond, none is quarantined.</summary>
    public const int MaxHeld = 1_000;

    // So long the index may lag behind the write, whatever it says: look-ups in flight hold older ones.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // Of so many, the one that has matched least lately makes room.
    private const int EvictionSample = 16;

    private readonly ConcurrentDictionary<(Guid List, EntryKey Key), Counted> _counted = [];
    private readonly Channel<Flood> _floods = Channel.CreateUnbounded<Flood>();
    private int _count;
    private int _held;
    private int _known;

    /// <summary>Floods, each once, for whoever writes them into the lists.</summary>
    public ChannelReader<Flood> Floods => _floods.Reader;

    /// <summary>Entries that are counted now.</summary>
    public int CountedEntries => Volatile.Read(ref _count);

    /// <summary>Says that a list's document holds the flood's entry: the index knows it from then on.</summary>
    /// <param name="flood">From <see cref="Floods"/>.</param>
    /// <param name="at">When the write had been done.</param>
    public void Written(Flood flood, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(flood);
        if (_counted.TryGetValue((flood.ListId, flood.Key), out Counted? counted))
        {
            lock (counted)
            {
                counted.WrittenAt = at;
            }
        }
    }

    /// <summary>Whether an entry is held here and an index of this generation does not know it yet.</summary>
    internal bool Holds(Guid list, in EntryKey key, long generation)
    {
        if (Volatile.Read(ref _known) == 0 || !_counted.TryGetValue((list, key), out Counted? counted))
        {
            return false;
        }

        lock (counted)
        {
            return generation < counted.SeenIn || (counted.IsHeld && !IsOverdue(counted));
        }
    }

    /// <summary>Counts a match that decided a verdict.</summary>
    /// <param name="list">The entry's list.</param>
    /// <param name="generation">The index's.</param>
    /// <param name="segment">Where the entry is.</param>
    /// <param name="row">Its row.</param>
    /// <param name="verdictId">The verdict's.</param>
    /// <param name="now">The time of day, for the record.</param>
    /// <param name="steady">The time by which matches are counted: a clock that is set must not make a flood.</param>
    internal void Count(
        IndexedList list,
        long generation,
        ListSegment segment,
        int row,
        string verdictId,
        DateTimeOffset now,
        TimeSpan steady)
    {
        EntryKey key = segment.KeyAt(row);
        Counted counted = Of((list.Id, key));
        lock (counted)
        {
            counted.LastAt = steady;
            if (list.Quarantined.Contains(key))
            {
                See(counted, isHeld: false, Math.Max(counted.SeenIn, generation));
                return;
            }

            if (generation < counted.SeenIn)
            {
                return;
            }

            if (counted.SeenIn > 0 || (counted.IsHeld && IsOverdue(counted)))
            {
                // Released by hand since: counted anew.
                See(counted, isHeld: false, 0);
                counted.Rate.Reset();
            }

            if (counted.IsHeld)
            {
                return;
            }

            (long matches, double expected) = counted.Rate.Count(steady);
            if (matches < options.MinMatches || matches <= options.Ratio * expected
                || Volatile.Read(ref _held) >= MaxHeld)
            {
                return;
            }

            See(counted, isHeld: true, 0);
            _floods.Writer.TryWrite(new Flood
            {
                List = list.Name,
                ListId = list.Id,
                ListVersion = list.Version,
                Key = key,
                ExternalId = segment.ExternalId(row),
                Classification = segment.Classification(row),
                Severity = segment.Severity(row),
                VerdictId = verdictId,
                At = now,
                Matches = matches,
                Expected = expected,
            });
        }
    }

    private bool IsOverdue(Counted counted) => counted.WrittenAt + Grace < inStepAt();

    private void See(Counted counted, bool isHeld, long seenIn)
    {
        Interlocked.Add(ref _held, (isHeld ? 1 : 0) - (counted.IsHeld ? 1 : 0));
        Interlocked.Add(ref _known, (isHeld || seenIn > 0 ? 1 : 0) - (counted.IsKnown ? 1 : 0));
        (counted.IsHeld, counted.SeenIn, counted.WrittenAt) = (isHeld, seenIn, null);
    }

    private Counted Of((Guid List, EntryKey Key) key)
    {
        if (_counted.TryGetValue(key, out Counted? known))
        {
            return known;
        }

        Counted added = new(options);
        known = _counted.GetOrAdd(key, added);
        if (ReferenceEquals(known, added) && Interlocked.Increment(ref _count) > MaxCounted)
        {
            Evict(key);
        }

        return known;
    }

    private void Evict((Guid List, EntryKey Key) added)
    {
        (Guid List, EntryKey Key)? oldest = null;
        TimeSpan oldestAt = TimeSpan.MaxValue;
        int seen = 0;
        foreach (((Guid List, EntryKey Key) key, Counted counted) in _counted)
        {
            if (key != added && !counted.IsKnown && counted.LastAt < oldestAt)
            {
                (oldest, oldestAt) = (key, counted.LastAt);
            }

            if (++seen >= EvictionSample && oldest is not null)
            {
                break;
            }
        }

        if (oldest is { } gone && _counted.TryRemove(gone, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Counted(QuarantineOptions options)
    {
        public MatchRate Rate { get; } = new(options);

        public TimeSpan LastAt { get; set; }

        /// <summary>Whether it floods and the index does not say so yet.</summary>
        public bool IsHeld { get; set; }

        /// <summary>When its list's document was written; null before.</summary>
        public DateTimeOffset? WrittenAt { get; set; }

        /// <summary>The newest generation that said so; 0 when none did.</summary>
        public long SeenIn { get; set; }

        public bool IsKnown => IsHeld || SeenIn > 0;
    }
}
