using System.Runtime.InteropServices;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching;

/// <summary>Looks up everything that a query has: every entry once, at its smallest distance.</summary>
internal sealed class FoundEntries
{
    // A look-up that finds nothing leaves it as it is, so one does for all of them.
    private static readonly FoundEntries Nothing = new();

    [ThreadStatic]
    private static List<Candidate>? _candidates;

    [ThreadStatic]
    private static List<int>? _more;

    private Dictionary<(int, ListSegment, int), int>? _places;
    private Dictionary<(int, ListSegment, int), int>? _suppressedPlaces;

    /// <summary>
    /// Entries that have not expired and that no negative list suppresses, those of shadow lists too; of a list that
    /// has more, at least those that come first in the order of matches.
    /// </summary>
    public List<FoundEntry> Live { get; } = [];

    /// <summary>
    /// Likewise, entries that a hash or digest found and a negative list suppressed, or would, were it no shadow list.
    /// What another hash found unsuppressed stands in both.
    /// </summary>
    public List<FoundEntry> Suppressed { get; } = [];

    /// <summary>Whether a list that decides has more that nothing suppresses.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Whether there is more that is suppressed.</summary>
    public bool HasMoreSuppressed { get; private set; }

    /// <param name="index">Where.</param>
    /// <param name="query">What.</param>
    /// <param name="limit">How many of each list, and when.</param>
    public static FoundEntries Find(HashIndex index, MatchQuery query, in FindLimit limit)
    {
        List<Candidate> candidates = _candidates ??= [];
        List<int> more = _more ??= [];
        FoundEntries? found = null;
        Suppressors? suppressors = null;
        candidates.Clear();
        more.Clear();
        FindDigests(index, query.Digests, limit, candidates);
        if (candidates.Count > 0)
        {
            suppressors = AddSuppressors(index, candidates, null);
            suppressors?.EndDigests();
            found = new FoundEntries();
            found.Add(index, candidates, more, default, suppressors, isOne: true);
        }

        for (int i = 0; i < query.Hashes.Count; i++)
        {
            QueryHash hash = query.Hashes[i];
            if (IsRepeat(query.Hashes, i))
            {
                continue;
            }

            candidates.Clear();
            more.Clear();
            index.Find(hash, limit, candidates, more);
            if (candidates.Count > 0)
            {
                suppressors = AddSuppressors(index, candidates, suppressors);
                (found ??= new FoundEntries())
                    .Add(index, candidates, more, hash, suppressors, query.Hashes.Count == 1);
                suppressors?.EndHash();
            }
        }

        candidates.Clear();
        more.Clear();
        return found ?? Nothing;
    }

    // Frames of an animation, and orientations of a symmetrical picture, are often the same.
    private static bool IsRepeat(IReadOnlyList<QueryHash> hashes, int place)
    {
        for (int earlier = 0; earlier < place; earlier++)
        {
            if (hashes[place].IsRepeatOf(hashes[earlier]))
            {
                return true;
            }
        }

        return false;
    }

    private static void FindDigests(
        HashIndex index, Digests digests, in FindLimit limit, List<Candidate> candidates)
    {
        FindDigest(index, HashType.Md5, digests.Md5.Span, candidates);
        FindDigest(index, HashType.Sha1, digests.Sha1.Span, candidates);
        FindDigest(index, HashType.Sha256, digests.Sha256.Span, candidates);
        for (int i = candidates.Count - 1; i >= 0; i--)
        {
            if (candidates[i].Segment.ExpiresAt(candidates[i].Row) <= limit.Now
                || !index.Lists[candidates[i].List].LooksUp(limit))
            {
                candidates.RemoveAt(i);
            }
        }
    }

    private static void FindDigest(
        HashIndex index, HashType type, ReadOnlySpan<byte> digest, List<Candidate> candidates)
    {
        if (digest.Length > 0)
        {
            index.Find(type, digest, candidates);
        }
    }

    private static Suppressors? AddSuppressors(
        HashIndex index, List<Candidate> candidates, Suppressors? suppressors)
    {
        foreach (Candidate candidate in candidates)
        {
            if (index.Lists[candidate.List].Policy.Kind == ListKind.Negative)
            {
                (suppressors ??= new Suppressors(index)).Add(candidate);
            }
        }

        return suppressors;
    }

    /// <param name="index">Where.</param>
    /// <param name="candidates">What one hash, or the digests, found.</param>
    /// <param name="more">Lists of which there is more.</param>
    /// <param name="by">The hash.</param>
    /// <param name="suppressors">What suppresses it; null when nothing does.</param>
    /// <param name="isOne">Whether no other hash can have found the same.</param>
    private void Add(
        HashIndex index,
        List<Candidate> candidates,
        List<int> more,
        QueryHash by,
        Suppressors? suppressors,
        bool isOne)
    {
        foreach (Candidate candidate in candidates)
        {
            if (index.Lists[candidate.List].Policy.Kind != ListKind.Match)
            {
                continue;
            }

            FoundEntry entry = new(
                candidate.List,
                candidate.Segment,
                candidate.Row,
                candidate.Distance,
                candidate.Segment.TypeAt(candidate.Row),
                by,
                suppressors?.Of(candidate.List));
            if (entry.Suppressor is not null)
            {
                Add(entry, Suppressed, isOne ? null : _suppressedPlaces ??= []);
            }

            if (entry.Suppressor is not { Shadow: false })
            {
                Add(entry with { Suppressor = null }, Live, isOne ? null : _places ??= []);
            }
        }

        foreach (int list in more)
        {
            if (index.Lists[list].Policy.Kind == ListKind.Match)
            {
                Suppressor? suppressor = suppressors?.Of(list);
                HasMore |= index.Lists[list].Policy.Decides && suppressor is not { Shadow: false };
                HasMoreSuppressed |= suppressor is not null;
            }
        }
    }

    private static void Add(
        FoundEntry entry, List<FoundEntry> found, Dictionary<(int, ListSegment, int), int>? places)
    {
        if (places is null)
        {
            found.Add(entry);
            return;
        }

        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(
            places, (entry.List, entry.Segment, entry.Row), out bool known);
        if (!known)
        {
            place = found.Count;
            found.Add(entry);
        }
        else if (IsBetter(entry, found[place]))
        {
            found[place] = entry;
        }
    }

    // Of what suppresses, that comes first which does over that which only would.
    private static bool IsBetter(FoundEntry entry, FoundEntry known)
    {
        bool shadow = entry.Suppressor is { Shadow: true };
        return shadow != (known.Suppressor is { Shadow: true })
            ? !shadow
            : entry.Distance < known.Distance
                || (entry.Distance == known.Distance && entry.By.Place.CompareTo(known.By.Place) < 0);
    }
}
