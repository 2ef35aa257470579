using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>
/// An immutable snapshot of the active versions of all enabled lists, answering exactly: every entry within its list's
/// threshold, none missed, none extra. Readers share it without a lock.
/// </summary>
public sealed class HashIndex
{
    private readonly IndexedList[] _lists;
    private readonly bool[] _holds = new bool[(int)HashType.Sha256 + 1];

    private HashIndex(long generation, IndexedList[] lists)
    {
        Generation = generation;
        _lists = lists;
        for (HashType type = HashType.Pdq; type <= HashType.Sha256; type++)
        {
            _holds[(int)type] = lists.Any(list => list.Content.Counts.Of(type) > 0);
        }

        Trims = lists.Any(list => list.Policy.Trim && list.Content.Counts.Pdq > 0);
    }

    /// <summary>Rises with every snapshot that a process publishes.</summary>
    public long Generation { get; }

    /// <summary>Whether any list is matched by pictures without their border.</summary>
    public bool Trims { get; }

    /// <summary>The lists that are looked up, shadow lists too, by name. A candidate names them by place.</summary>
    public IReadOnlyList<IndexedList> Lists => _lists;

    /// <summary>Builds a snapshot; disabled lists are left out. Lists without an active version have no content and are
    /// not passed.</summary>
    public static HashIndex Build(long generation, IReadOnlyList<IndexedList> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        return new HashIndex(
            generation,
            [.. lists.Where(list => list.Policy.Enabled).OrderBy(list => list.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Whether any enabled list holds entries of this type.</summary>
    public bool Holds(HashType type) => _holds[(int)type];

    /// <summary>
    /// Adds every PDQ entry within its list's threshold, of lists that take the hash's rendition and quality.
    /// </summary>
    /// <param name="hash">The query.</param>
    /// <param name="candidates">Added to; order is not defined.</param>
    public void Find(in QueryHash hash, List<Candidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        HashValue query = HashValue.From(hash.Hash);
        for (int i = 0; i < _lists.Length; i++)
        {
            MatchPolicy policy = _lists[i].Policy;
            if (hash.Quality < policy.MinQuality || !hash.IsAcceptedBy(policy))
            {
                continue;
            }

            IReadOnlyList<SegmentView> views = _lists[i].Content.Segments;
            for (int place = 0; place < views.Count; place++)
            {
                Scan(i, views[place], query, policy.MaxDistance, candidates);
            }
        }
    }

    /// <summary>Adds every digest entry that is equal.</summary>
    /// <param name="type">Not Pdq.</param>
    /// <param name="digest">As many bytes as the type has.</param>
    /// <param name="candidates">Added to.</param>
    /// <exception cref="ArgumentException">The type is Pdq, or the digest has another length.</exception>
    public void Find(HashType type, ReadOnlySpan<byte> digest, List<Candidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (type == HashType.Pdq || digest.Length != HashValue.ByteCount(type))
        {
            throw new ArgumentException("Not a digest of this type.", nameof(digest));
        }

        EntryKey key = new(type, HashValue.Read(digest));
        for (int i = 0; i < _lists.Length; i++)
        {
            if (_lists[i].Content.TryFind(key, out SegmentView view, out int row))
            {
                candidates.Add(new Candidate(i, view.Segment, row, 0));
            }
        }
    }

    private static void Scan(
        int list, SegmentView view, HashValue query, int maxDistance, List<Candidate> candidates)
    {
        ListSegment segment = view.Segment;
        int rows = segment.PdqRows;
        for (int row = 0; row < rows; row++)
        {
            row = HammingScan.FindNext(segment.PdqWords, rows, row, query, maxDistance, out int distance);
            if (row < rows && view.IsLive(row))
            {
                candidates.Add(new Candidate(list, segment, row, distance));
            }
        }
    }
}
