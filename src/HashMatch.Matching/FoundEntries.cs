using System.Runtime.InteropServices;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching;

/// <summary>Looks up everything that a query has.</summary>
internal static class FoundEntries
{
    [ThreadStatic]
    private static List<Candidate>? _candidates;

    /// <summary>
    /// Every entry that the query finds and that has not expired, once, at its smallest distance; of a list that has
    /// more, at least those that come first by distance, then value.
    /// </summary>
    /// <param name="index">Where.</param>
    /// <param name="query">What.</param>
    /// <param name="limit">How many of each list, and when.</param>
    /// <param name="hasMore">Whether a list that is not shadow has more.</param>
    public static List<FoundEntry> Find(HashIndex index, MatchQuery query, in FindLimit limit, out bool hasMore)
    {
        hasMore = false;
        List<Candidate> candidates = _candidates ??= [];
        Dictionary<(ListSegment, int), int>? places = null;
        List<FoundEntry> found = [];
        for (int i = 0; i < query.Hashes.Count; i++)
        {
            QueryHash hash = query.Hashes[i];
            if (IsRepeat(query.Hashes, i))
            {
                continue;
            }

            candidates.Clear();
            hasMore |= index.Find(hash, limit, candidates);
            if (candidates.Count > 0 && query.Hashes.Count > 1)
            {
                places ??= [];
            }

            Add(candidates, hash, limit.Now, found, places);
        }

        candidates.Clear();
        FindDigest(index, HashType.Md5, query.Digests.Md5.Span, candidates);
        FindDigest(index, HashType.Sha1, query.Digests.Sha1.Span, candidates);
        FindDigest(index, HashType.Sha256, query.Digests.Sha256.Span, candidates);
        Add(candidates, default, limit.Now, found, null);
        candidates.Clear();
        return found;
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

    private static void FindDigest(
        HashIndex index, HashType type, ReadOnlySpan<byte> digest, List<Candidate> candidates)
    {
        if (digest.Length > 0)
        {
            index.Find(type, digest, candidates);
        }
    }

    private static void Add(
        List<Candidate> candidates,
        QueryHash by,
        DateTimeOffset now,
        List<FoundEntry> found,
        Dictionary<(ListSegment, int), int>? places)
    {
        foreach (Candidate candidate in candidates)
        {
            if (candidate.Segment.ExpiresAt(candidate.Row) <= now)
            {
                continue;
            }

            FoundEntry entry = new(
                candidate.List,
                candidate.Segment,
                candidate.Row,
                candidate.Distance,
                candidate.Segment.TypeAt(candidate.Row),
                by);
            if (places is null)
            {
                found.Add(entry);
                continue;
            }

            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(
                places, (candidate.Segment, candidate.Row), out bool known);
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
    }

    private static bool IsBetter(FoundEntry entry, FoundEntry known) =>
        entry.Distance < known.Distance
        || (entry.Distance == known.Distance && entry.By.Place.CompareTo(known.By.Place) < 0);
}
