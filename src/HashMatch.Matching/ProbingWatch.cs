using System.Collections.Concurrent;
using System.Threading.Channels;
using HashMatch.Matching.Index;
using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>
/// Sees who searches for an entry: a caller whose look-ups differ from each other and lie around the threshold of one
/// entry, on either side. Copies of a picture that goes round are one hash, or lie well within the threshold. An entry
/// is watched for a caller once it matched; from then on the hashes that just miss it are seen too, by their distance
/// to it alone, without a look-up. In memory, bounded. Safe for concurrent use.
/// </summary>
public sealed class ProbingWatch(ProbingOptions options)
{
    /// <summary>Entries that are watched for one caller; beyond, one with the fewest hashes is forgotten.</summary>
    public const int MaxEntriesPerCaller = 64;

    /// <summary>Callers that are watched; beyond, one that has not matched for long is forgotten.</summary>
    public const int MaxCallers = 256;

    /// <summary>Alarms that wait to be written; beyond, they are dropped.</summary>
    public const int MaxWaiting = 1_000;

    // Of a verdict, so many matches are watched, and so many hashes looked at: renditions of the first frame.
    private const int MaxMatches = 8;
    private const int MaxHashes = 16;

    // Of so many, the one that has matched least lately makes room.
    private const int EvictionSample = 16;

    private readonly ConcurrentDictionary<string, WatchedCaller> _callers = [];
    private readonly Channel<Probing> _alarms = Channel.CreateBounded<Probing>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    private int _count;

    /// <summary>Alarms, each once, for whoever records them.</summary>
    public ChannelReader<Probing> Alarms => _alarms.Reader;

    /// <summary>Callers that are watched now.</summary>
    public int WatchedCallers => Volatile.Read(ref _count);

    /// <summary>How long a caller is to be refused; null when it is not.</summary>
    /// <param name="caller">Its name.</param>
    /// <param name="steady">Time that has passed since any moment, by a clock that never jumps.</param>
    public TimeSpan? LimitedFor(string caller, TimeSpan steady)
    {
        if (options.LimitFor <= TimeSpan.Zero || !_callers.TryGetValue(caller, out WatchedCaller? watched))
        {
            return null;
        }

        lock (watched)
        {
            TimeSpan? left = watched.AlarmedAt + options.LimitFor - steady;
            return left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>Counts one look-up: by the steady clock, since one that is set must neither lock a caller out nor let
    /// it search on; alarms have the time of day.</summary>
    internal void See(
        string caller,
        HashIndex index,
        MatchQuery query,
        List<FoundEntry> deciding,
        string verdictId,
        DateTimeOffset now,
        TimeSpan steady)
    {
        if (query.Hashes.Count == 0)
        {
            return;
        }

        if (!_callers.TryGetValue(caller, out WatchedCaller? watched))
        {
            if (!deciding.Exists(entry => entry.Type == HashType.Pdq))
            {
                return;
            }

            watched = Add(caller);
        }

        lock (watched)
        {
            watched.LastAt = steady;
            for (int i = 0; i < Math.Min(deciding.Count, MaxMatches); i++)
            {
                if (deciding[i].Type == HashType.Pdq)
                {
                    Watch(watched, index, deciding[i]);
                }
            }

            foreach (WatchedEntry entry in watched.Entries)
            {
                if (Count(entry, query, steady))
                {
                    watched.AlarmedAt = steady;
                    _alarms.Writer.TryWrite(entry.AlarmOf(caller, verdictId, now));
                }
            }
        }
    }

    private static void Watch(WatchedCaller caller, HashIndex index, in FoundEntry found)
    {
        IndexedList list = index.Lists[found.List];
        PdqHash value = found.Segment.KeyAt(found.Row).Value.ToPdq();
        foreach (WatchedEntry known in caller.Entries)
        {
            if (known.List == list.Name && known.Value == value)
            {
                known.MaxDistance = list.Policy.MaxDistance;
                return;
            }
        }

        if (caller.Entries.Count >= MaxEntriesPerCaller)
        {
            caller.Entries.Remove(caller.Entries.MinBy(entry => (entry.Hashes.Count, entry.LastAt))!);
        }

        caller.Entries.Add(new WatchedEntry
        {
            List = list.Name,
            ListVersion = list.Version,
            ExternalId = found.Segment.ExternalId(found.Row),
            Classification = found.Segment.Classification(found.Row),
            Severity = found.Segment.Severity(found.Row),
            Value = value,
            MaxDistance = list.Policy.MaxDistance,
        });
    }

    /// <summary>Counts a look-up for one entry.</summary>
    /// <returns>Whether it raises the alarm.</returns>
    private bool Count(WatchedEntry entry, MatchQuery query, TimeSpan now)
    {
        (int distance, PdqHash hash) = Nearest(entry.Value, query);
        // What is well within the threshold tells nothing of where it ends.
        if (distance > entry.MaxDistance + options.Margin || distance <= entry.MaxDistance / 2)
        {
            return false;
        }

        entry.LastAt = now;
        entry.Hashes.RemoveAll(seen => seen.At < now - options.Window);
        ulong mixed = hash.Word0 ^ ulong.RotateLeft(hash.Word1, 13) ^ ulong.RotateLeft(hash.Word2, 29)
            ^ ulong.RotateLeft(hash.Word3, 43);
        if (entry.Hashes.Exists(seen => seen.Hash == mixed))
        {
            return false;
        }

        entry.Hashes.Add((mixed, distance, now));
        if (entry.Hashes.Count < options.MinHashes || entry.AlarmedAt > now - options.Window
            || entry.Hashes.TrueForAll(seen => seen.Distance == distance))
        {
            if (entry.Hashes.Count >= options.MinHashes)
            {
                entry.Hashes.RemoveAt(0);
            }

            return false;
        }

        entry.AlarmedAt = now;
        return true;
    }

    private static (int Distance, PdqHash Hash) Nearest(PdqHash value, MatchQuery query)
    {
        (int Distance, PdqHash Hash) nearest = (int.MaxValue, default);
        for (int i = 0; i < Math.Min(query.Hashes.Count, MaxHashes); i++)
        {
            PdqHash hash = query.Hashes[i].Hash;
            int distance = value.Distance(hash);
            nearest = distance < nearest.Distance ? (distance, hash) : nearest;
        }

        return nearest;
    }

    private WatchedCaller Add(string caller)
    {
        WatchedCaller added = new();
        WatchedCaller known = _callers.GetOrAdd(caller, added);
        if (ReferenceEquals(known, added) && Interlocked.Increment(ref _count) > MaxCallers)
        {
            KeyValuePair<string, WatchedCaller> oldest = _callers.Where(each => each.Key != caller)
                .Take(EvictionSample).MinBy(each => each.Value.LastAt);
            if (oldest.Key is not null && _callers.TryRemove(oldest))
            {
                Interlocked.Decrement(ref _count);
            }
        }

        return known;
    }

    private sealed class WatchedCaller
    {
        public List<WatchedEntry> Entries { get; } = [];

        public TimeSpan LastAt { get; set; }

        public TimeSpan? AlarmedAt { get; set; }
    }

    private sealed class WatchedEntry
    {
        public required string List { get; init; }

        public required long ListVersion { get; init; }

        public required string ExternalId { get; init; }

        public required string Classification { get; init; }

        public required string Severity { get; init; }

        public required PdqHash Value { get; init; }

        public int MaxDistance { get; set; }

        public TimeSpan LastAt { get; set; }

        public TimeSpan? AlarmedAt { get; set; }

        /// <summary>Differing hashes around the threshold, oldest first; as many as raise the alarm at most.</summary>
        public List<(ulong Hash, int Distance, TimeSpan At)> Hashes { get; } = [];

        public Probing AlarmOf(string caller, string verdictId, DateTimeOffset at) => new()
        {
            Caller = caller,
            List = List,
            ListVersion = ListVersion,
            ExternalId = ExternalId,
            Classification = Classification,
            Severity = Severity,
            VerdictId = verdictId,
            At = at,
            Hashes = Hashes.Count,
        };
    }
}
