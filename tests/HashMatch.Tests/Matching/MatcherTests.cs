using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class MatcherTests
{
    private static readonly Random Random = new(41);
    private static readonly PdqHash Known = Samples.Pdq(Random);
    private static readonly HashEntry Digest = Samples.Entry(Random, HashType.Sha1, "digest");

    private readonly ManualTime _time = new();

    [Fact]
    public void Nothing_near_is_no_known_match()
    {
        Verdict verdict = Decide(Index(new MatchPolicy()), Query(Samples.Near(Random, Known, 33)));
        Assert.Equal(
            (Outcome.NoKnownMatch, MatchAction.Allow, UnhashableReason.None),
            (verdict.Outcome, verdict.Action, verdict.Reason));
        Assert.Empty(verdict.Matches);
        Assert.False(verdict.Truncated);
    }

    [Fact]
    public void A_near_hash_is_described_whole()
    {
        HashEntry entry = Samples.Entry(Known, "case-1") with { Classification = "A1", Severity = "high" };
        HashIndex index = HashIndex.Build(7, [new IndexedList("l", 3, new MatchPolicy(), Contents.Of([entry]))]);
        PdqHash query = Samples.Near(Random, Known, 31);
        Verdict verdict = Decide(index, Query(query));
        Assert.Equal((Outcome.Near, MatchAction.Block, 7), (verdict.Outcome, verdict.Action, verdict.Generation));
        Assert.Equal(query, verdict.Hash);
        Assert.Equal(100, verdict.Quality);
        Assert.Equal([new ListVersionRef("l", 3)], verdict.ListVersions);
        Assert.Equal(
            new Match
            {
                List = "l",
                ListVersion = 3,
                ExternalId = "case-1",
                Classification = "A1",
                Severity = "high",
                Type = HashType.Pdq,
                Distance = 31,
                Orientation = Orientation.Original,
                Action = MatchAction.Block,
            },
            Assert.Single(verdict.Matches));
    }

    [Theory]
    [InlineData(false, MatchAction.Block, Outcome.Exact, MatchAction.Block)]
    [InlineData(false, MatchAction.Review, Outcome.Exact, MatchAction.Review)]
    [InlineData(true, MatchAction.Block, Outcome.NoKnownMatch, MatchAction.Allow)]
    public void An_equal_digest_is_exact_unless_its_list_is_shadow(
        bool shadow, MatchAction policy, Outcome outcome, MatchAction action)
    {
        HashIndex index = Index(new MatchPolicy { Shadow = shadow, Action = policy });
        Verdict verdict = Decide(index, new MatchQuery { Digests = DigestsOf(Digest) });
        Assert.Equal((outcome, action), (verdict.Outcome, verdict.Action));
        Assert.Equal(shadow ? 0 : 1, verdict.Matches.Count);
        Assert.Equal(shadow ? 1 : 0, verdict.ShadowMatches.Count);
        Assert.Null(verdict.Hash);
    }

    [Theory]
    [InlineData(49, 50, Outcome.Unhashable)]
    [InlineData(50, 50, Outcome.Near)]
    [InlineData(20, 10, Outcome.Near)]
    [InlineData(70, 80, Outcome.Unhashable)]
    public void A_list_that_was_not_looked_up_for_quality_makes_it_unhashable(int quality, int minimum, Outcome outcome)
    {
        HashIndex index = Index(new MatchPolicy { MinQuality = minimum });
        Verdict verdict = Decide(index, Query(Known, quality));
        Assert.Equal(outcome, verdict.Outcome);
        Assert.Equal(outcome == Outcome.Unhashable, verdict.Reason == UnhashableReason.LowQuality);
        Assert.Equal(outcome == Outcome.Unhashable ? MatchAction.Review : MatchAction.Block, verdict.Action);
    }

    [Fact]
    public void One_list_of_several_that_was_not_looked_up_is_enough()
    {
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy { MinQuality = 0 }, Samples.Entry(Samples.Pdq(Random))),
            Contents.List("b", new MatchPolicy { MinQuality = 90 }, Samples.Entry(Samples.Pdq(Random))));
        Assert.Equal(Outcome.Unhashable, Decide(index, Query(Known, 60)).Outcome);
        Assert.Equal(Outcome.NoKnownMatch, Decide(index, Query(Known, 90)).Outcome);
    }

    [Fact]
    public void Lists_without_hashes_and_shadow_lists_do_not_make_it_unhashable()
    {
        HashIndex index = Contents.Index(
            Contents.List("digests", new MatchPolicy { MinQuality = 90 }, Digest),
            Contents.List("shadow", new MatchPolicy { MinQuality = 90, Shadow = true }, Samples.Entry(Known)));
        Assert.Equal(Outcome.NoKnownMatch, Decide(index, Query(Known, 60)).Outcome);
        Verdict verdict = Decide(index, Query(Known, 49));
        Assert.Equal((Outcome.Unhashable, UnhashableReason.LowQuality), (verdict.Outcome, verdict.Reason));
    }

    [Fact]
    public void Without_any_list_a_flat_picture_is_unhashable_and_another_is_not_known()
    {
        Assert.Equal(Outcome.Unhashable, Decide(Contents.Index(), Query(Known, 10)).Outcome);
        Assert.Equal(Outcome.NoKnownMatch, Decide(Contents.Index(), Query(Known)).Outcome);
    }

    [Theory]
    [InlineData(MatchAction.Allow)]
    [InlineData(MatchAction.Review)]
    [InlineData(MatchAction.Block)]
    public void An_upload_without_a_hash_gets_the_action_that_is_set(MatchAction action)
    {
        Matcher matcher = new(new MatcherOptions { UnhashableAction = action }, _time);
        Verdict verdict = matcher.Decide(
            Index(new MatchPolicy()), new MatchQuery { Reason = UnhashableReason.Corrupt });
        Assert.Equal(
            (Outcome.Unhashable, UnhashableReason.Corrupt, action),
            (verdict.Outcome, verdict.Reason, verdict.Action));
    }

    [Fact]
    public void A_digest_decides_without_a_hash_and_says_so()
    {
        MatchQuery query = new() { Reason = UnhashableReason.Truncated, Digests = DigestsOf(Digest) };
        Verdict verdict = Decide(Index(new MatchPolicy()), query);
        Assert.Equal(
            (Outcome.Exact, UnhashableReason.Truncated, MatchAction.Block),
            (verdict.Outcome, verdict.Reason, verdict.Action));
        verdict = Decide(Index(new MatchPolicy { Shadow = true }), query);
        Assert.Equal(
            (Outcome.Unhashable, UnhashableReason.Truncated, MatchAction.Review),
            (verdict.Outcome, verdict.Reason, verdict.Action));
        Assert.Single(verdict.ShadowMatches);
    }

    [Fact]
    public void A_digest_and_a_hash_are_exact_together_and_both_are_named()
    {
        Verdict verdict = Decide(Index(new MatchPolicy()), Query(Known) with { Digests = DigestsOf(Digest) });
        Assert.Equal((Outcome.Exact, UnhashableReason.None), (verdict.Outcome, verdict.Reason));
        Assert.Equal([HashType.Sha1, HashType.Pdq], verdict.Matches.Select(m => m.Type));
    }

    [Fact]
    public void A_digest_that_no_list_holds_is_no_known_match() => Assert.Equal(
        Outcome.NoKnownMatch,
        Decide(
            Index(new MatchPolicy()),
            new MatchQuery { Digests = DigestsOf(Samples.Entry(Random, HashType.Sha256)) }).Outcome);

    [Fact]
    public void The_strictest_action_wins_and_stands_first()
    {
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy { Action = MatchAction.Review }, Samples.Entry(Known, "near")),
            Contents.List("b", new MatchPolicy(), Samples.Entry(Samples.Near(Random, Known, 20), "far"),
                Samples.Entry(Samples.Near(Random, Known, 10), "nearer")),
            Contents.List("c", new MatchPolicy { Shadow = true }, Samples.Entry(Known, "shadow")),
            Contents.List("d", new MatchPolicy { Enabled = false }, Samples.Entry(Known, "disabled")));
        Verdict verdict = Decide(index, Query(Known));
        Assert.Equal(MatchAction.Block, verdict.Action);
        Assert.Equal(["nearer", "far", "near"], verdict.Matches.Select(m => m.ExternalId));
        Assert.Equal("shadow", Assert.Single(verdict.ShadowMatches).ExternalId);
        Assert.Equal(["a", "b", "c"], verdict.ListVersions.Select(v => v.List));
    }

    [Fact]
    public void An_entry_that_several_orientations_find_is_named_once_at_its_nearest()
    {
        HashIndex index = Index(new MatchPolicy());
        MatchQuery query = new()
        {
            Hashes =
            [
                new QueryHash(Samples.Pdq(Random), Orientation.Original, 100),
                new QueryHash(Samples.Near(Random, Known, 8), Orientation.Rotated180, 100),
                new QueryHash(Samples.Near(Random, Known, 4), Orientation.FlippedY, 100),
                new QueryHash(Samples.Near(Random, Known, 4), Orientation.Rotated90, 100),
                new QueryHash(Samples.Near(Random, Known, 6), Orientation.Rotated270, 100),
            ],
        };
        Match match = Assert.Single(Decide(index, query).Matches);
        Assert.Equal((4, Orientation.Rotated90), (match.Distance, match.Orientation));
    }

    [Fact]
    public void A_list_without_trim_is_not_matched_by_a_trimmed_picture()
    {
        HashIndex index = Contents.Index(
            Contents.List("plain", new MatchPolicy { Trim = false }, Samples.Entry(Known, "plain")),
            Contents.List("trims", new MatchPolicy(), Samples.Entry(Known, "trims")));
        MatchQuery query = Query(
            new QueryHash(Samples.Pdq(Random), Orientation.Original, 100),
            new QueryHash(Known, Orientation.FlippedX, 100, 0, QueryRendition.Trimmed));
        Match match = Assert.Single(Decide(index, query).Matches);
        Assert.Equal(
            ("trims", Orientation.FlippedX, QueryRendition.Trimmed), (match.List, match.Orientation, match.Rendition));
        foreach (QueryRendition rendition in (QueryRendition[])
            [QueryRendition.Whole, QueryRendition.OverWhite, QueryRendition.OverBlack])
        {
            query = Query(new QueryHash(Known, Orientation.Original, 100, 3, rendition));
            Assert.Equal(
                [(rendition, 3), (rendition, 3)],
                Decide(index, query).Matches.Select(m => (m.Rendition, m.Frame)));
        }
    }

    [Fact]
    public void Of_hashes_as_near_the_whole_the_original_and_the_first_frame_is_named()
    {
        QueryHash[] hashes =
        [
            .. from frame in new[] { 2, 0, 1 }
               from rendition in Enum.GetValues<QueryRendition>().Reverse()
               from orientation in Enum.GetValues<Orientation>().Reverse()
               select new QueryHash(Known, orientation, 100, frame, rendition),
        ];
        HashIndex index = Index(new MatchPolicy());
        Match match = Assert.Single(Decide(index, Query(hashes)).Matches);
        Assert.Equal(
            (0, QueryRendition.Whole, Orientation.Original), (match.Frame, match.Rendition, match.Orientation));

        QueryHash nearer = new(Samples.Near(Random, Known, 3), Orientation.Rotated90, 100, 9, QueryRendition.Trimmed);
        QueryHash whole = new(Samples.Near(Random, Known, 4), Orientation.Original, 100);
        match = Assert.Single(Decide(index, Query(whole, nearer)).Matches);
        Assert.Equal((3, 9, QueryRendition.Trimmed), (match.Distance, match.Frame, match.Rendition));
    }

    [Fact]
    public void The_strictest_verdict_over_frames_wins()
    {
        PdqHash other = Samples.Pdq(Random);
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy { Action = MatchAction.Review }, Samples.Entry(Known, "review")),
            Contents.List("b", new MatchPolicy(), Samples.Entry(other, "block")));
        Verdict verdict = Decide(index, Query(
            new QueryHash(Samples.Pdq(Random), Orientation.Original, 100),
            new QueryHash(Known, Orientation.Original, 100, 1),
            new QueryHash(other, Orientation.Original, 100, 2)));
        Assert.Equal((Outcome.Near, MatchAction.Block), (verdict.Outcome, verdict.Action));
        Assert.Equal([("block", 2), ("review", 1)], verdict.Matches.Select(m => (m.ExternalId, m.Frame)));
    }

    [Theory]
    [InlineData(60, QueryRendition.OverWhite, true, Outcome.NoKnownMatch)]
    [InlineData(60, QueryRendition.OverWhite, false, Outcome.NoKnownMatch)]
    [InlineData(60, QueryRendition.Trimmed, true, Outcome.NoKnownMatch)]
    [InlineData(60, QueryRendition.Trimmed, false, Outcome.Unhashable)]
    [InlineData(40, QueryRendition.OverWhite, true, Outcome.Unhashable)]
    public void The_best_quality_that_a_list_accepts_tells_whether_it_was_looked_up(
        int quality, QueryRendition rendition, bool trim, Outcome outcome)
    {
        HashIndex index = Contents.Index(
            Contents.List("l", new MatchPolicy { Trim = trim }, Samples.Entry(Samples.Pdq(Random))));
        MatchQuery query = Query(
            new QueryHash(Samples.Pdq(Random), Orientation.Original, 5),
            new QueryHash(Samples.Pdq(Random), Orientation.Original, quality, 0, rendition));
        Verdict verdict = Decide(index, query);
        Assert.Equal(outcome, verdict.Outcome);
        Assert.Equal((query.Hashes[0].Hash, 5), (verdict.Hash, verdict.Quality));
    }

    [Fact]
    public void A_hash_of_low_quality_finds_nothing_though_another_says_enough()
    {
        MatchQuery query = Query(
            new QueryHash(Known, Orientation.Original, 20),
            new QueryHash(Samples.Pdq(Random), Orientation.Original, 90, 1));
        Assert.Equal(Outcome.NoKnownMatch, Decide(Index(new MatchPolicy()), query).Outcome);
        query = Query(
            new QueryHash(Known, Orientation.Original, 20), new QueryHash(Known, Orientation.Original, 90, 1));
        Assert.Equal(1, Assert.Single(Decide(Index(new MatchPolicy()), query).Matches).Frame);
    }

    [Fact]
    public void A_hash_is_a_repeat_when_an_earlier_one_finds_and_names_all_that_it_does()
    {
        QueryHash hash = new(Known, Orientation.Original, 60);
        Assert.True(hash.IsRepeatOf(hash));
        Assert.True((hash with { Frame = 3, Quality = 50, Rendition = QueryRendition.Trimmed }).IsRepeatOf(hash));
        Assert.False((hash with { Quality = 61, Frame = 3 }).IsRepeatOf(hash));
        Assert.False(hash.IsRepeatOf(hash with { Rendition = QueryRendition.Trimmed }));
        Assert.False(hash.IsRepeatOf(hash with { Frame = 1 }));
        Assert.False(hash.IsRepeatOf(hash with { Hash = Samples.Near(Random, Known, 1) }));
    }

    [Fact]
    public void Matches_over_the_limit_are_left_out_and_that_is_said()
    {
        HashEntry[] many = [.. Enumerable.Range(0, 50)
            .Select(i => Samples.Entry(Samples.Near(Random, Known, 2 + Math.Min(i, 28)), $"{i:D2}"))];
        HashIndex index = Contents.Index(
            Contents.List("review", new MatchPolicy { Action = MatchAction.Review }, many),
            Contents.List("strict", new MatchPolicy(), Samples.Entry(Samples.Near(Random, Known, 31), "strict")));
        Matcher matcher = new(new MatcherOptions { MaxMatches = 10 }, _time);
        Verdict verdict = matcher.Decide(index, Query(Known));
        Assert.True(verdict.Truncated);
        Assert.Equal(MatchAction.Block, verdict.Action);
        Assert.Equal(10, verdict.Matches.Count);
        Assert.Equal("strict", verdict.Matches[0].ExternalId);
        Assert.Equal(["00", "01", "02"], verdict.Matches.Skip(1).Take(3).Select(m => m.ExternalId));
        Assert.False(new Matcher(new MatcherOptions { MaxMatches = 51 }, _time).Decide(index, Query(Known)).Truncated);
    }

    [Fact]
    public void An_entry_matches_until_it_expires()
    {
        HashIndex index = Contents.Index(Contents.List(
            "l", new MatchPolicy(), Samples.Entry(Known, "e", _time.GetUtcNow() + TimeSpan.FromSeconds(10))));
        Assert.Equal(Outcome.Near, Decide(index, Query(Known)).Outcome);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Outcome.Near, Decide(index, Query(Known)).Outcome);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Outcome.NoKnownMatch, Decide(index, Query(Known)).Outcome);
    }

    [Fact]
    public void Verdict_ids_are_unique_and_sort_by_time()
    {
        List<string> ids = [];
        for (int i = 0; i < 200; i++)
        {
            Verdict verdict = Decide(Contents.Index(), Query(Known));
            Assert.Equal(_time.GetUtcNow(), verdict.Time);
            Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", verdict.Id);
            ids.Add(verdict.Id);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(200, ids.Select(id => id[10..]).Distinct().Count());
        Assert.Equal("01BX5ZZKBK", VerdictIds.Create(DateTimeOffset.FromUnixTimeMilliseconds(1508808576371))[..10]);
    }

    private static Digests DigestsOf(HashEntry entry)
    {
        byte[] bytes = new byte[HashValue.ByteCount(entry.Type)];
        entry.Value.Write(bytes);
        return entry.Type == HashType.Sha1
            ? new Digests(default, bytes, default)
            : new Digests(default, default, bytes);
    }

    private static MatchQuery Query(PdqHash hash, int quality = 100) =>
        new() { Hashes = [new QueryHash(hash, Orientation.Original, quality)] };

    private static MatchQuery Query(params QueryHash[] hashes) => new() { Hashes = hashes };

    private static HashIndex Index(MatchPolicy policy) =>
        Contents.Index(Contents.List("l", policy, Samples.Entry(Known, "hash"), Digest));

    private Verdict Decide(HashIndex index, MatchQuery query) =>
        new Matcher(new MatcherOptions(), _time).Decide(index, query);
}
