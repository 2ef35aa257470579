using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>A list of one snapshot, with its entries by hand: what brute force finds in it.</summary>
internal sealed record ModelList(IndexedList Indexed, IReadOnlyDictionary<EntryKey, HashEntry> Live)
{
    /// <summary>The time of all look-ups.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Holds an index to brute force over the lists that it was made of.</summary>
    public static void Check(HashIndex index, ModelList[] lists, Random random, PdqHash[] centres)
    {
        ModelList[] enabled = [.. lists.Where(list => list.Indexed.Policy.Enabled).OrderBy(l => l.Indexed.Name)];
        Assert.Equal(enabled.Select(list => list.Indexed), index.Lists);
        QueryHash[] queries =
        [
            .. Enumerable.Range(0, 3).Select(_ => new QueryHash(
                Samples.Near(random, centres[random.Next(centres.Length)], random.Next(40)),
                Orientation.Original,
                random.Next(4) > 0 ? 100 : random.Next(101),
                0,
                (QueryRendition)random.Next(4))),
        ];
        Array.ForEach(queries, query => CheckFind(index, enabled, query, 1 + random.Next(6)));
        CheckDigests(index, lists, enabled, random);
        CheckNearest(index, enabled, queries[0].Hash, 1 + random.Next(8));
    }

    private static void CheckFind(HashIndex index, ModelList[] lists, QueryHash query, int most)
    {
        List<Candidate> found = [];
        index.Find(query, found);
        Found[] expected = [.. lists.SelectMany((list, place) => list.Within(query, place))];
        Assert.Equal(expected.Order(), Of(found));

        found.Clear();
        bool more = index.Find(query, new FindLimit(most, Now), found);
        var live = expected.Where(entry => !entry.IsExpired).GroupBy(entry => entry.List).ToArray();
        Assert.Equal(live.SelectMany(list => list.Order().Take(most)).Order(), Of(found));
        Assert.Equal(live.Any(l => l.Count() > most && !lists[l.Key].Indexed.Policy.Shadow), more);
    }

    private static void CheckDigests(HashIndex index, ModelList[] all, ModelList[] lists, Random random)
    {
        EntryKey[] keys = [.. all.SelectMany(list => list.Live.Keys).Where(key => key.Type != HashType.Pdq)];
        random.Shuffle(keys);
        foreach (EntryKey key in keys.Take(3))
        {
            byte[] digest = new byte[HashValue.ByteCount(key.Type)];
            key.Value.Write(digest);
            List<Candidate> found = [];
            index.Find(key.Type, digest, found);
            Assert.Equal(
                lists.SelectMany((list, place) => list.Live.TryGetValue(key, out HashEntry? entry)
                    ? [$"{place} {entry.ExternalId}"] : Array.Empty<string>()),
                found.OrderBy(c => c.List).Select(c => $"{c.List} {c.Segment.ExternalId(c.Row)}"));
        }
    }

    private static void CheckNearest(HashIndex index, ModelList[] lists, PdqHash hash, int count)
    {
        IReadOnlyList<IReadOnlyList<Candidate>> nearest = index.FindNearest(hash, count);
        for (int place = 0; place < lists.Length; place++)
        {
            Assert.Equal(
                lists[place].Pdq(hash, place).Order().Take(count),
                nearest[place].Select(Of));
        }
    }

    private static IEnumerable<Found> Of(List<Candidate> found) => found.Select(Of).Order();

    private static Found Of(Candidate candidate) => new(
        candidate.List,
        candidate.Distance,
        candidate.Segment.KeyAt(candidate.Row).Value,
        candidate.Segment.ExternalId(candidate.Row),
        candidate.Segment.ExpiresAt(candidate.Row) <= Now);

    private IEnumerable<Found> Within(QueryHash query, int place) =>
        query.Quality < Indexed.Policy.MinQuality
        || (query.Rendition == QueryRendition.Trimmed && !Indexed.Policy.Trim)
            ? []
            : Pdq(query.Hash, place).Where(found => found.Distance <= Indexed.Policy.MaxDistance);

    private IEnumerable<Found> Pdq(PdqHash hash, int place) => Live.Values
        .Where(entry => entry.Type == HashType.Pdq)
        .Select(entry => new Found(
            place, entry.Value.ToPdq().Distance(hash), entry.Value, entry.ExternalId, entry.ExpiresAt <= Now));

    private readonly record struct Found(
        int List, int Distance, HashValue Value, string ExternalId, bool IsExpired) : IComparable<Found>
    {
        public int CompareTo(Found other) =>
            (List, Distance, Value).CompareTo((other.List, other.Distance, other.Value));
    }
}
