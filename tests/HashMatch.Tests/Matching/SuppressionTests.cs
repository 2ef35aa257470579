using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>What negative lists do to verdicts, and what they never do.</summary>
public sealed class SuppressionTests
{
    private static readonly MatchPolicy Negative = new() { Kind = ListKind.Negative, MaxDistance = 10 };
    private static readonly Random Random = new(53);
    private static readonly PdqHash Known = Samples.Pdq(Random);
    private static readonly HashEntry Digest = Samples.Entry(Random, HashType.Sha256, "digest");

    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(10, Outcome.NoKnownMatch, MatchAction.Allow)]
    [InlineData(11, Outcome.Near, MatchAction.Block)]
    public void A_hash_within_a_negative_lists_own_threshold_has_its_matches_suppressed(
        int distance, Outcome outcome, MatchAction action)
    {
        Verdict verdict = Decide(
            Query(new QueryHash(Samples.Near(Random, Known, distance), Orientation.Original, 100)),
            Contents.List("benign", Negative, Samples.Entry(Known, "logo")),
            Contents.List("l", new MatchPolicy(), Samples.Entry(Known, "case")));
        Assert.Equal((outcome, action), (verdict.Outcome, verdict.Action));
        Assert.Equal(["benign", "l"], verdict.ListVersions.Select(version => version.List));
        if (outcome == Outcome.Near)
        {
            Assert.Empty(verdict.Suppressed);
            return;
        }

        Assert.Empty(verdict.Matches);
        SuppressedMatch suppressed = Assert.Single(verdict.Suppressed);
        Assert.Equal(
            ("case", MatchAction.Block, 10),
            (suppressed.Match.ExternalId, suppressed.Match.Action, suppressed.Match.Distance));
        Assert.Equal(
            ("benign", 1, "logo", HashType.Pdq, 10, false),
            (suppressed.ByList, suppressed.ByListVersion, suppressed.ByExternalId, suppressed.ByType,
                suppressed.ByDistance, suppressed.Shadow));
    }

    [Fact]
    public void A_near_negative_leaves_an_equal_digest_alone()
    {
        Verdict verdict = Decide(
            Query(new QueryHash(Known, Orientation.Original, 100)) with { Digests = DigestsOf(Digest) },
            Contents.List("benign", Negative, Samples.Entry(Known)),
            Contents.List("l", new MatchPolicy(), Samples.Entry(Known, "hash"), Digest));
        Assert.Equal((Outcome.Exact, MatchAction.Block), (verdict.Outcome, verdict.Action));
        Assert.Equal("digest", Assert.Single(verdict.Matches).ExternalId);
        Assert.Equal("hash", Assert.Single(verdict.Suppressed).Match.ExternalId);
    }

    [Fact]
    public void A_negative_digest_suppresses_all_that_the_upload_matches()
    {
        Verdict verdict = Decide(
            Query(new QueryHash(Known, Orientation.Original, 100)) with { Digests = DigestsOf(Digest) },
            Contents.List("nsrl", Negative, Digest with { ExternalId = "package" }),
            Contents.List("l", new MatchPolicy(), Samples.Entry(Known, "hash"), Digest));
        Assert.Equal((Outcome.NoKnownMatch, MatchAction.Allow), (verdict.Outcome, verdict.Action));
        Assert.Equal(["digest", "hash"], verdict.Suppressed.Select(each => each.Match.ExternalId));
        Assert.All(
            verdict.Suppressed,
            each => Assert.Equal(("package", HashType.Sha256), (each.ByExternalId, each.ByType)));
    }

    [Fact]
    public void What_another_rendition_or_frame_matches_is_not_suppressed()
    {
        PdqHash harmless = Samples.Pdq(Random);
        Verdict verdict = Decide(
            Query(
                new QueryHash(harmless, Orientation.Original, 100),
                new QueryHash(Known, Orientation.Original, 100, 0, QueryRendition.Trimmed),
                new QueryHash(Known, Orientation.Rotated90, 100, 4)),
            Contents.List("benign", Negative, Samples.Entry(harmless)),
            Contents.List("l", new MatchPolicy(), Samples.Entry(Known, "case"), Samples.Entry(harmless, "wrong")));
        Assert.Equal((Outcome.Near, MatchAction.Block), (verdict.Outcome, verdict.Action));
        Assert.Equal("case", Assert.Single(verdict.Matches).ExternalId);
        Assert.Equal("wrong", Assert.Single(verdict.Suppressed).Match.ExternalId);
    }

    [Fact]
    public void A_negative_list_says_nothing_of_hashes_that_it_does_not_take_and_nothing_once_its_entry_expired()
    {
        IndexedList list = Contents.List("l", new MatchPolicy { MinQuality = 20 }, Samples.Entry(Known));
        IndexedList benign = Contents.List("benign", Negative with { Trim = false }, Samples.Entry(Known));
        Assert.Equal(Outcome.Near, Decide(Query(new QueryHash(Known, default, 49)), benign, list).Outcome);
        Assert.Equal(
            Outcome.Near,
            Decide(Query(new QueryHash(Known, default, 90, 0, QueryRendition.Trimmed)), benign, list).Outcome);
        Assert.Equal(Outcome.NoKnownMatch, Decide(Query(new QueryHash(Known, default, 50)), benign, list).Outcome);
        IndexedList expiring = Contents.List(
            "benign", Negative, Samples.Entry(Known, "", _time.GetUtcNow().AddSeconds(5)));
        Assert.Equal(Outcome.NoKnownMatch, Decide(Query(new QueryHash(Known, default, 50)), expiring, list).Outcome);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Outcome.Near, Decide(Query(new QueryHash(Known, default, 50)), expiring, list).Outcome);
    }

    [Fact]
    public void Only_the_lists_that_are_named_are_suppressed()
    {
        Verdict verdict = Decide(
            Query(new QueryHash(Known, Orientation.Original, 100)),
            Contents.List("benign", Negative with { Suppresses = new ListNames(["b"]) }, Samples.Entry(Known)),
            Contents.List("a", new MatchPolicy { Action = MatchAction.Review }, Samples.Entry(Known)),
            Contents.List("b", new MatchPolicy(), Samples.Entry(Known)));
        Assert.Equal((Outcome.Near, MatchAction.Review), (verdict.Outcome, verdict.Action));
        Assert.Equal("a", Assert.Single(verdict.Matches).List);
        Assert.Equal("b", Assert.Single(verdict.Suppressed).Match.List);
    }

    [Fact]
    public void A_shadow_negative_list_changes_nothing_and_is_recorded()
    {
        IndexedList list = Contents.List("l", new MatchPolicy(), Samples.Entry(Known));
        MatchQuery query = Query(new QueryHash(Known, Orientation.Original, 100));
        Verdict verdict = Decide(
            query, Contents.List("benign", Negative with { Shadow = true }, Samples.Entry(Known)), list);
        Assert.Equal((Outcome.Near, MatchAction.Block), (verdict.Outcome, verdict.Action));
        Assert.Single(verdict.Matches);
        Assert.True(Assert.Single(verdict.Suppressed).Shadow);
        verdict = Decide(
            query,
            Contents.List("a", Negative with { Shadow = true }, Samples.Entry(Known)),
            Contents.List("b", Negative, Samples.Entry(Known)),
            list);
        Assert.Empty(verdict.Matches);
        Assert.Equal(("b", false), Assert.Single(verdict.Suppressed.Select(each => (each.ByList, each.Shadow))));
    }

    [Fact]
    public void Negative_lists_are_no_lists_to_match_and_make_nothing_unhashable()
    {
        HashIndex index = Contents.Index(
            Contents.List("benign", Negative with { MinQuality = 100 }, Samples.Entry(Known)),
            Contents.List("canary", new MatchPolicy { Kind = ListKind.Canary }, Samples.Entry(Known)));
        Assert.False(index.Matches(_time.GetUtcNow()));
        Assert.Equal(["benign"], index.Lists.Select(list => list.Name));
        Verdict verdict = new Matcher(new MatcherOptions(), _time).Decide(
            index, Query(new QueryHash(Known, Orientation.Original, 60)));
        Assert.Equal(Outcome.NoKnownMatch, verdict.Outcome);
        Assert.Empty(verdict.Suppressed);
    }

    [Fact]
    public void Names_of_lists_are_equal_by_what_they_name()
    {
        Assert.Equal(new ListNames(["b", "a", "b"]), new ListNames(["a", "b"]));
        Assert.NotEqual(new ListNames(["a"]), ListNames.Every);
        Assert.Equal(
            Negative with { Suppresses = new ListNames(["a"]) }, Negative with { Suppresses = new ListNames(["a"]) });
        Assert.True(ListNames.Every.Covers("a"));
        Assert.False(new ListNames(["b"]).Covers("a"));
    }

    [Theory]
    [InlineData(ListKind.Match, "a", "suppresses is for negative lists")]
    [InlineData(ListKind.Negative, "A b", "suppresses must name lists: 1 to 64 of a-z, 0-9, '.', '_' and '-'")]
    [InlineData((ListKind)9, null, "kind must be MATCH, NEGATIVE or CANARY")]
    [InlineData(ListKind.Negative, "a", null)]
    public void A_policy_that_makes_no_sense_is_named(ListKind kind, string? name, string? problem) => Assert.Equal(
        problem,
        new MatchPolicy { Kind = kind, Suppresses = new ListNames(name is null ? [] : [name]) }.Problem());

    [Fact]
    public void Verdicts_are_what_brute_force_makes_of_suppression_caps_and_limits() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            PolicyModel model = PolicyModel.Create(random);
            using HashIndex index = HashIndex.Build(1, [.. model.Lists.Select(list => list.Indexed)]);
            for (int i = 0; i < 6; i++)
            {
                MatchQuery query = model.Query(random);
                int limit = random.Next(1, 10);
                Verdict verdict = new Matcher(new MatcherOptions { MaxMatches = limit }, _time).Decide(index, query);
                PolicyModel.Expected expected = model.Decide(query, _time.GetUtcNow());
                Assert.Equal(expected.Matches.Take(limit), verdict.Matches.Select(PolicyModel.Of));
                Assert.Equal(expected.Shadow.Take(limit), verdict.ShadowMatches.Select(PolicyModel.Of));
                Assert.Equal(
                    expected.Suppressed.Take(limit),
                    verdict.Suppressed.Select(each => (PolicyModel.Of(each.Match), each.ByList, each.Shadow)));
                Assert.Equal(expected.Matches.Count > limit, verdict.Truncated);
                Assert.Equal(expected.Suppressed.Count > limit, verdict.SuppressedTruncated);
                Assert.Equal(
                    expected.Matches.Count == 0 ? MatchAction.Allow : expected.Matches.Max(match => match.Action),
                    verdict.Action);
            }
        },
        iter: 80);

    private static Digests DigestsOf(HashEntry entry)
    {
        byte[] bytes = new byte[32];
        entry.Value.Write(bytes);
        return new Digests(default, default, bytes);
    }

    private static MatchQuery Query(params QueryHash[] hashes) => new() { Hashes = hashes };

    private Verdict Decide(MatchQuery query, params IndexedList[] lists) =>
        new Matcher(new MatcherOptions(), _time).Decide(Contents.Index(lists), query);
}
