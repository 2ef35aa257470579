using System.Diagnostics;
using System.Runtime.CompilerServices;
using HashMatch.Matching.Index;

namespace HashMatch.Matching;

/// <summary>Decides: looks a query up in an index and turns candidates into a verdict by each list's policy.</summary>
/// <param name="options">What no list's policy decides.</param>
/// <param name="time">The clock.</param>
/// <param name="watch">Counts matches and holds entries that flood; null when nothing does.</param>
/// <param name="probing">Counts each caller's look-ups around an entry; null when nothing does.</param>
public sealed class Matcher(
    MatcherOptions options, TimeProvider time, FloodWatch? watch = null, ProbingWatch? probing = null)
{
    private static readonly MatchPolicy Anything = new();

    // An index and its verdicts name the same versions: one array for all of them, gone with the index.
    private static readonly ConditionalWeakTable<HashIndex, ListVersionRef[]> Versions = [];

    private readonly MatcherOptions _options = options;
    private readonly TimeProvider _time = time;

    /// <summary>The verdict on one query. Pure but for the clock and the verdict's id.</summary>
    /// <param name="index">What is looked up.</param>
    /// <param name="query">The upload's hashes and digests.</param>
    /// <param name="caller">Who asks; null for nobody that is watched.</param>
    /// <exception cref="ArgumentException">A digest of the query has a wrong length.</exception>
    public Verdict Decide(HashIndex index, MatchQuery query, string? caller = null) =>
        Decide(index, query, caller, out _);

    /// <inheritdoc cref="Decide(HashIndex, MatchQuery, string?)"/>
    /// <param name="index">What is looked up in.</param>
    /// <param name="query">What is looked up.</param>
    /// <param name="caller">Who asks; null for nobody that is watched.</param>
    /// <param name="foundAt">When the look-up had ended, as <see cref="Stopwatch"/> counts.</param>
    public Verdict Decide(HashIndex index, MatchQuery query, string? caller, out long foundAt)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        DateTimeOffset now = _time.GetUtcNow();
        FindLimit limit = new(
            _options.MaxMatches, now, StableHash.Of(query), watch, index.Generation);
        FoundEntries found = FoundEntries.Find(index, query, limit);
        foundAt = Stopwatch.GetTimestamp();
        (List<FoundEntry> deciding, List<FoundEntry> shadow) = Split(index, found.Live);
        UnhashableReason reason = ReasonOf(index, query, limit);
        Outcome outcome = OutcomeOf(deciding, reason);
        string id = VerdictIds.Create(now);
        if (watch is not null && deciding.Count > 0)
        {
            Count(index, watch, deciding, id, now, _time.GetElapsedTime(0));
        }

        if (probing is not null && caller is not null)
        {
            probing.See(caller, index, query, deciding, id, now, _time.GetElapsedTime(0));
        }

        return new Verdict
        {
            Id = id,
            Time = now,
            Outcome = outcome,
            Reason = outcome is Outcome.Unhashable or Outcome.Exact && !HasPdq(deciding) ? reason : default,
            Action = deciding.Count > 0 ? StrictestAction(deciding)
                : outcome == Outcome.Unhashable ? _options.UnhashableAction
                : MatchAction.Allow,
            Matches = Describe(index, deciding),
            ByClass = deciding.Count > 0 ? ClassesOf(index, deciding) : [],
            ShadowMatches = Describe(index, shadow),
            Truncated = found.HasMore || deciding.Count > _options.MaxMatches,
            Suppressed = DescribeSuppressed(index, found.Suppressed),
            SuppressedTruncated = found.HasMoreSuppressed || found.Suppressed.Count > _options.MaxMatches,
            DurableEvents = AskForDurable(index, deciding) || AskForDurable(index, shadow)
                || AskForDurable(index, found.Suppressed),
            Hash = query.Hashes.Count > 0 ? query.Hashes[0].Hash : null,
            Quality = query.Quality,
            Generation = index.Generation,
            ListVersions = VersionsOf(index, limit),
        };
    }

    // Lists that this upload was not looked up in are not named.
    private static ListVersionRef[] VersionsOf(HashIndex index, in FindLimit limit)
    {
        for (int i = 0; i < index.Lists.Count; i++)
        {
            if (!index.Lists[i].LooksUp(limit))
            {
                return SomeVersionsOf(index, limit);
            }
        }

        return Versions.GetValue(index, VersionsOf);
    }

    private static void Count(
        HashIndex index,
        FloodWatch watch,
        List<FoundEntry> deciding,
        string id,
        DateTimeOffset now,
        TimeSpan steady)
    {
        foreach (FoundEntry entry in deciding)
        {
            watch.Count(index.Lists[entry.List], index.Generation, entry.Segment, entry.Row, id, now, steady);
        }
    }

    private static ListVersionRef[] SomeVersionsOf(HashIndex index, FindLimit limit) =>
    [
        .. index.Lists.Where(list => list.LooksUp(limit))
            .Select(list => new ListVersionRef(list.Name, list.Version)),
    ];

    private static ListVersionRef[] VersionsOf(HashIndex index) =>
        [.. index.Lists.Select(list => new ListVersionRef(list.Name, list.Version))];

    // Apart from its caller: a lambda's captures are allocated where the method begins, matches or none.
    private static MatchAction StrictestAction(List<FoundEntry> deciding) =>
        deciding.Max(entry => entry.Action);

    private static ClassMatch[] ClassesOf(HashIndex index, List<FoundEntry> deciding) =>
    [
        .. deciding.Select(entry => new ClassMatch(index.Lists[entry.List].Policy.ListClass, entry.Action)).Distinct()
            .OrderByDescending(each => each.Action).ThenBy(each => each.ListClass, StringComparer.Ordinal),
    ];

    private static (List<FoundEntry> Deciding, List<FoundEntry> Shadow) Split(
        HashIndex index, List<FoundEntry> found) =>
        found.Count == 0 ? (found, found) : SplitSome(index, found);

    private static (List<FoundEntry> Deciding, List<FoundEntry> Shadow) SplitSome(
        HashIndex index, List<FoundEntry> found)
    {
        List<FoundEntry> shadow = found.FindAll(entry => index.Lists[entry.List].Policy.Shadow);
        if (shadow.Count > 0)
        {
            found.RemoveAll(entry => index.Lists[entry.List].Policy.Shadow);
        }

        return (found, shadow);
    }

    private static bool AskForDurable(HashIndex index, List<FoundEntry> entries)
    {
        foreach (FoundEntry entry in entries)
        {
            if (index.Lists[entry.List].Policy.DurableEvents
                || (entry.Suppressor is { } by && index.Lists[by.Entry.List].Policy.DurableEvents))
            {
                return true;
            }
        }

        return false;
    }

    private static Outcome OutcomeOf(List<FoundEntry> deciding, UnhashableReason reason) =>
        deciding.Count == 0
            ? reason == UnhashableReason.None ? Outcome.NoKnownMatch : Outcome.Unhashable
            : deciding.Exists(entry => entry.Type != HashType.Pdq) ? Outcome.Exact : Outcome.Near;

    private static bool HasPdq(List<FoundEntry> deciding) => deciding.Exists(entry => entry.Type == HashType.Pdq);

    /// <summary>Why the query was not looked up in every list that decides; None when it was.</summary>
    private static UnhashableReason ReasonOf(HashIndex index, MatchQuery query, in FindLimit limit)
    {
        if (query.Reason != UnhashableReason.None || query.Hashes.Count == 0)
        {
            return query.Reason;
        }

        // By place, here and below: the enumerator of an interface is allocated.
        bool lookedUp = false;
        for (int i = 0; i < index.Lists.Count; i++)
        {
            IndexedList list = index.Lists[i];
            if (list.Content.Counts.Pdq == 0 || !list.Policy.Decides || !list.LooksUp(limit))
            {
                continue;
            }

            if (BestQuality(query, list.Policy) < list.Policy.MinQuality)
            {
                return UnhashableReason.LowQuality;
            }

            lookedUp = true;
        }

        return lookedUp || BestQuality(query, Anything) >= MatchPolicy.DefaultMinQuality
            ? UnhashableReason.None
            : UnhashableReason.LowQuality;
    }

    // One rendition that says enough is enough: a picture that is flat without its alpha, a first frame that is black.
    private static int BestQuality(MatchQuery query, MatchPolicy policy)
    {
        int best = 0;
        for (int i = 0; i < query.Hashes.Count; i++)
        {
            QueryHash hash = query.Hashes[i];
            best = hash.IsAcceptedBy(policy) ? Math.Max(best, hash.Quality) : best;
        }

        return best;
    }

    private Match[] Describe(HashIndex index, List<FoundEntry> entries)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        entries.Sort((left, right) => Compare(left, right));
        Match[] matches = new Match[Math.Min(entries.Count, _options.MaxMatches)];
        for (int i = 0; i < matches.Length; i++)
        {
            matches[i] = Describe(index, entries[i]);
        }

        return matches;
    }

    private SuppressedMatch[] DescribeSuppressed(HashIndex index, List<FoundEntry> entries)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        // What changed the verdict first: a limit must not hide it behind what only would have.
        entries.Sort((left, right) =>
        {
            int order = IsShadow(index, left).CompareTo(IsShadow(index, right));
            return order != 0 ? order : Compare(left, right);
        });
        return [.. entries.Take(_options.MaxMatches).Select(entry => DescribeSuppressed(index, entry))];
    }

    private static bool IsShadow(HashIndex index, FoundEntry suppressed) =>
        index.Lists[suppressed.List].Policy.Shadow || suppressed.Suppressor!.Shadow;

    private static SuppressedMatch DescribeSuppressed(HashIndex index, FoundEntry entry)
    {
        Candidate by = entry.Suppressor!.Entry;
        IndexedList list = index.Lists[by.List];
        return new SuppressedMatch
        {
            Match = Describe(index, entry),
            MatchIsShadow = index.Lists[entry.List].Policy.Shadow,
            ByList = list.Name,
            ByListVersion = list.Version,
            ByExternalId = by.Segment.ExternalId(by.Row),
            ByType = by.Segment.TypeAt(by.Row),
            ByDistance = by.Distance,
            Shadow = IsShadow(index, entry),
        };
    }

    private static Match Describe(HashIndex index, FoundEntry entry)
    {
        IndexedList list = index.Lists[entry.List];
        return new Match
        {
            List = list.Name,
            ListVersion = list.Version,
            ListClass = list.Policy.ListClass,
            ExternalId = entry.Segment.ExternalId(entry.Row),
            Classification = entry.Segment.Classification(entry.Row),
            Severity = entry.Segment.Severity(entry.Row),
            Type = entry.Type,
            Distance = entry.Distance,
            Orientation = entry.By.Orientation,
            Frame = entry.By.Frame,
            Rendition = entry.By.Rendition,
            Action = entry.Action,
        };
    }

    // Strictest action, nearest, list by name, digests before hashes, value: the order in which the index leaves out
    // what is over the limit, so that no limit changes what stands first.
    private static int Compare(FoundEntry left, FoundEntry right)
    {
        int order = right.Action.CompareTo(left.Action);
        order = order != 0 ? order : left.Distance.CompareTo(right.Distance);
        order = order != 0 ? order : left.List.CompareTo(right.List);
        order = order != 0 ? order : right.Type.CompareTo(left.Type);
        return order != 0 ? order : left.Segment.KeyAt(left.Row).CompareTo(right.Segment.KeyAt(right.Row));
    }
}
