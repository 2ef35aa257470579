using HashMatch.Matching.Index;

namespace HashMatch.Matching;

/// <summary>Decides: looks a query up in an index and turns candidates into a verdict by each list's policy.</summary>
public sealed class Matcher(MatcherOptions options, TimeProvider time)
{
    private static readonly MatchPolicy Anything = new();

    private readonly MatcherOptions _options = options;
    private readonly TimeProvider _time = time;

    /// <summary>The verdict on one query. Pure but for the clock and the verdict's id.</summary>
    /// <exception cref="ArgumentException">A digest of the query has a wrong length.</exception>
    public Verdict Decide(HashIndex index, MatchQuery query)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        DateTimeOffset now = _time.GetUtcNow();
        List<FoundEntry> found = FoundEntries.Find(
            index, query, new FindLimit(_options.MaxMatches, now), out bool hasMore);
        (List<FoundEntry> deciding, List<FoundEntry> shadow) = Split(index, found);
        UnhashableReason reason = ReasonOf(index, query);
        Outcome outcome = OutcomeOf(deciding, reason);
        return new Verdict
        {
            Id = VerdictIds.Create(now),
            Time = now,
            Outcome = outcome,
            Reason = outcome is Outcome.Unhashable or Outcome.Exact && !HasPdq(deciding) ? reason : default,
            Action = deciding.Count > 0 ? deciding.Max(entry => ActionOf(index, entry))
                : outcome == Outcome.Unhashable ? _options.UnhashableAction
                : MatchAction.Allow,
            Matches = Describe(index, deciding),
            ShadowMatches = Describe(index, shadow),
            Truncated = hasMore || deciding.Count > _options.MaxMatches,
            Hash = query.Hashes.Count > 0 ? query.Hashes[0].Hash : null,
            Quality = query.Quality,
            Generation = index.Generation,
            ListVersions = [.. index.Lists.Select(list => new ListVersionRef(list.Name, list.Version))],
        };
    }

    private static (List<FoundEntry> Deciding, List<FoundEntry> Shadow) Split(HashIndex index, List<FoundEntry> found)
    {
        List<FoundEntry> shadow = found.FindAll(entry => index.Lists[entry.List].Policy.Shadow);
        if (shadow.Count > 0)
        {
            found.RemoveAll(entry => index.Lists[entry.List].Policy.Shadow);
        }

        return (found, shadow);
    }

    private static Outcome OutcomeOf(List<FoundEntry> deciding, UnhashableReason reason) =>
        deciding.Count == 0
            ? reason == UnhashableReason.None ? Outcome.NoKnownMatch : Outcome.Unhashable
            : deciding.Exists(entry => entry.Type != HashType.Pdq) ? Outcome.Exact : Outcome.Near;

    private static bool HasPdq(List<FoundEntry> deciding) => deciding.Exists(entry => entry.Type == HashType.Pdq);

    /// <summary>Why the query was not looked up in every list that decides; None when it was.</summary>
    private static UnhashableReason ReasonOf(HashIndex index, MatchQuery query)
    {
        if (query.Reason != UnhashableReason.None || query.Hashes.Count == 0)
        {
            return query.Reason;
        }

        bool lookedUp = false;
        foreach (IndexedList list in index.Lists)
        {
            if (list.Content.Counts.Pdq == 0 || list.Policy.Shadow)
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
        foreach (QueryHash hash in query.Hashes)
        {
            best = hash.IsAcceptedBy(policy) ? Math.Max(best, hash.Quality) : best;
        }

        return best;
    }

    private static MatchAction ActionOf(HashIndex index, FoundEntry entry) => index.Lists[entry.List].Policy.Action;

    private Match[] Describe(HashIndex index, List<FoundEntry> entries)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        entries.Sort((left, right) => Compare(index, left, right));
        Match[] matches = new Match[Math.Min(entries.Count, _options.MaxMatches)];
        for (int i = 0; i < matches.Length; i++)
        {
            matches[i] = Describe(index, entries[i]);
        }

        return matches;
    }

    private static Match Describe(HashIndex index, FoundEntry entry)
    {
        IndexedList list = index.Lists[entry.List];
        return new Match
        {
            List = list.Name,
            ListVersion = list.Version,
            ExternalId = entry.Segment.ExternalId(entry.Row),
            Classification = entry.Segment.Classification(entry.Row),
            Severity = entry.Segment.Severity(entry.Row),
            Type = entry.Type,
            Distance = entry.Distance,
            Orientation = entry.By.Orientation,
            Frame = entry.By.Frame,
            Rendition = entry.By.Rendition,
            Action = list.Policy.Action,
        };
    }

    // Strictest action, nearest, list by name, digests before hashes, value: the order in which the index leaves out
    // what is over the limit, so that no limit changes what stands first.
    private static int Compare(HashIndex index, FoundEntry left, FoundEntry right)
    {
        int order = ActionOf(index, right).CompareTo(ActionOf(index, left));
        order = order != 0 ? order : left.Distance.CompareTo(right.Distance);
        order = order != 0 ? order : left.List.CompareTo(right.List);
        order = order != 0 ? order : right.Type.CompareTo(left.Type);
        return order != 0 ? order : left.Segment.KeyAt(left.Row).CompareTo(right.Segment.KeyAt(right.Row));
    }
}
