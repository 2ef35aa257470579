using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class HashIndexTests
{
    [Fact]
    public void Every_entry_within_its_lists_threshold_is_found_and_no_other() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            PdqHash[] centres = [.. Enumerable.Range(0, 4).Select(_ => Samples.Pdq(random))];
            TestList[] lists =
                [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => TestList.Create(random, $"l{i}", centres))];
            HashIndex index = Contents.Index([.. lists.Select(list => list.Indexed)]);
            Assert.Equal(
                lists.Where(l => l.Indexed.Policy.Enabled).Select(l => l.Indexed.Name),
                index.Lists.Select(l => l.Name));
            Assert.Equal(
                lists.Any(l => l.Indexed.Policy is { Enabled: true, Trim: true } && l.Indexed.Content.Counts.Pdq > 0),
                index.Trims);
            for (int i = 0; i < 10; i++)
            {
                var query = new QueryHash(
                    Samples.Near(random, centres[random.Next(4)], random.Next(70)),
                    Orientation.Original,
                    random.Next(101),
                    0,
                    (QueryRendition)random.Next(4));
                List<Candidate> candidates = [];
                index.Find(query, candidates);

                Assert.Equal(
                    lists.SelectMany(list => list.Expected(query)).Order(),
                    candidates.Select(c => Describe(index, c)).Order());
            }
        },
        iter: 60);

    [Fact]
    public void Digests_are_found_when_they_are_equal() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            TestList list = TestList.Create(random, "l", [Samples.Pdq(random)]);
            HashIndex index = Contents.Index(list.Indexed with { Policy = new MatchPolicy() });
            byte[] digest = new byte[32];
            foreach (HashEntry entry in list.All.Where(e => e.Type != HashType.Pdq))
            {
                Span<byte> bytes = digest.AsSpan(0, HashValue.ByteCount(entry.Type));
                entry.Value.Write(bytes);
                List<Candidate> candidates = [];
                index.Find(entry.Type, bytes, candidates);
                Assert.Equal(
                    list.Live.TryGetValue(Samples.KeyOf(entry), out HashEntry? live) ? [live.ExternalId] : [],
                    candidates.Select(c => c.Segment.ExternalId(c.Row)));
                bytes[^1] ^= 1;
                candidates.Clear();
                index.Find(entry.Type, bytes, candidates);
                Assert.Empty(candidates);
            }
        },
        iter: 40);

    [Fact]
    public void An_index_tells_which_types_it_holds()
    {
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy(), Samples.Entry(new Random(1), HashType.Md5)),
            Contents.List("b", new MatchPolicy { Enabled = false }, Samples.Entry(new Random(1), HashType.Sha1)));
        Assert.True(index.Holds(HashType.Md5));
        Assert.False(index.Holds(HashType.Sha1));
        Assert.False(index.Holds(HashType.Pdq));
    }

    [Fact]
    public void An_index_of_nothing_finds_nothing()
    {
        List<Candidate> candidates = [];
        HashIndex index = Contents.Index();
        index.Find(new QueryHash(default, Orientation.Original, 100), candidates);
        index.Find(HashType.Md5, new byte[16], candidates);
        Assert.Empty(candidates);
        Assert.Throws<ArgumentException>(() => index.Find(HashType.Md5, new byte[20], candidates));
        Assert.Throws<ArgumentException>(() => index.Find(HashType.Pdq, new byte[32], candidates));
    }

    private static string Describe(HashIndex index, Candidate candidate) =>
        $"{index.Lists[candidate.List].Name} {candidate.Segment.ExternalId(candidate.Row)} {candidate.Distance}";

    /// <summary>A list with deltas over its base, and the entries that are left by hand.</summary>
    private sealed record TestList(
        IndexedList Indexed, Dictionary<EntryKey, HashEntry> Live, IReadOnlyList<HashEntry> All)
    {
        public static TestList Create(Random random, string name, PdqHash[] centres)
        {
            List<HashEntry> all = Entries(random, "base", centres, random.Next(400));
            Dictionary<EntryKey, HashEntry> live = [];
            List<ListSegment> baseSegments = Contents.Segments(all, null, 12_000);
            Lay(live, all);
            List<ListSegment> deltas = [];
            for (int i = 0; i < random.Next(4); i++)
            {
                List<HashEntry> added = Entries(random, $"delta{i}", centres, random.Next(1, 20));
                added.AddRange(all.Where(_ => random.Next(10) == 0).Select(e => e with { ExternalId = $"again{i}" }));
                added = [.. added.DistinctBy(Samples.KeyOf)];
                List<EntryKey> removed = [.. all.Select(Samples.KeyOf).Except(added.Select(Samples.KeyOf))
                    .Where(_ => random.Next(10) == 0)];
                deltas.AddRange(Contents.Segments(added, removed));
                Lay(live, added);
                removed.ForEach(key => live.Remove(key));
                all.AddRange(added);
            }

            MatchPolicy policy = new()
            {
                Enabled = random.Next(5) > 0,
                MaxDistance = random.Next(64),
                MinQuality = random.Next(3) == 0 ? random.Next(101) : 50,
                Trim = random.Next(3) > 0,
            };
            VersionContent content = VersionContent.Create(baseSegments, deltas);
            Assert.Equal(live.Count, content.Counts.Total);
            Assert.Equal(live.Keys.Count(k => k.Type == HashType.Pdq), content.Counts.Pdq);
            return new TestList(new IndexedList(name, 1, policy, content), live, all);
        }

        public IEnumerable<string> Expected(QueryHash query) =>
            !Indexed.Policy.Enabled || query.Quality < Indexed.Policy.MinQuality
            || (query.Rendition == QueryRendition.Trimmed && !Indexed.Policy.Trim) ? []
            : Live.Values.Where(e => e.Type == HashType.Pdq)
                .Select(e => (Entry: e, Distance: e.Value.ToPdq().Distance(query.Hash)))
                .Where(e => e.Distance <= Indexed.Policy.MaxDistance)
                .Select(e => $"{Indexed.Name} {e.Entry.ExternalId} {e.Distance}");

        private static void Lay(Dictionary<EntryKey, HashEntry> live, List<HashEntry> entries) =>
            entries.ForEach(entry => live[Samples.KeyOf(entry)] = entry);

        private static List<HashEntry> Entries(Random random, string prefix, PdqHash[] centres, int count) =>
        [
            .. Enumerable.Range(0, count)
                .Select(i => (Name: $"{prefix}-{i}", Centre: centres[random.Next(centres.Length)]))
                .Select(e => random.Next(3) > 0
                    ? Samples.Entry(Samples.Near(random, e.Centre, random.Next(70)), e.Name)
                    : Samples.Entry(random, Samples.Type(random), e.Name))
                .DistinctBy(Samples.KeyOf),
        ];
    }
}
