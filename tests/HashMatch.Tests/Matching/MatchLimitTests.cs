using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class MatchLimitTests
{
    private const int NoLimit = 1_000_000;

    [Fact]
    public void A_limit_leaves_the_first_matches_and_everything_else_as_it_is() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            ModelWriter writer = new(random);
            for (int i = 0; i < 12; i++)
            {
                writer.Change();
            }

            using HashIndex index = HashIndex.Build(1, writer.Indexed);
            for (int i = 0; i < 8; i++)
            {
                MatchQuery query = Query(random, writer);
                Verdict all = Decide(index, query, NoLimit);
                Assert.False(all.Truncated);
                int limit = random.Next(1, 12);
                Verdict first = Decide(index, query, limit);
                Assert.Equal(all.Matches.Take(limit), first.Matches);
                Assert.Equal(all.ShadowMatches.Take(limit), first.ShadowMatches);
                Assert.Equal(all.Matches.Count > limit, first.Truncated);
                Assert.Equal(
                    (all.Outcome, all.Action, all.Reason), (first.Outcome, first.Action, first.Reason));
            }
        },
        iter: 60);

    [Fact]
    public void A_cluster_of_thousands_hides_no_other_list()
    {
        Random random = new(2);
        PdqHash centre = Samples.Pdq(random);
        HashEntry[] cluster = Near(random, centre, 3000, null);
        HashEntry[] expired = Near(random, centre, 1000, ModelList.Now);
        HashEntry unexpired = Samples.Entry(Samples.Near(random, centre, 31), "unexpired");
        HashEntry strictest = Samples.Entry(Samples.Near(random, centre, 30), "strictest");
        using HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy { Action = MatchAction.Review }, cluster),
            Contents.List("b", new MatchPolicy { Shadow = true }, cluster),
            Contents.List("c", new MatchPolicy(), [.. expired, unexpired]),
            Contents.List("d", new MatchPolicy(), strictest));
        Verdict verdict = Decide(
            index, new MatchQuery { Hashes = [new QueryHash(centre, Orientation.Original, 100)] }, 10);
        Assert.Equal((MatchAction.Block, true), (verdict.Action, verdict.Truncated));
        Assert.Equal(["strictest", "unexpired"], verdict.Matches.Take(2).Select(match => match.ExternalId));
        Assert.Equal(
            cluster.OrderBy(entry => entry.Value.ToPdq().Distance(centre)).ThenBy(entry => entry.Value)
                .Take(8).Select(entry => entry.ExternalId),
            verdict.Matches.Skip(2).Select(match => match.ExternalId));
        Assert.Equal(10, verdict.ShadowMatches.Count);
    }

    [Fact]
    public void A_shadow_list_over_the_limit_does_not_make_a_verdict_truncated()
    {
        Random random = new(3);
        PdqHash centre = Samples.Pdq(random);
        using HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy(), Near(random, centre, 10, null)),
            Contents.List("b", new MatchPolicy { Shadow = true }, Near(random, centre, 50, null)));
        MatchQuery query = new() { Hashes = [new QueryHash(centre, Orientation.Original, 100)] };
        Assert.False(Decide(index, query, 10).Truncated);
        Assert.True(Decide(index, query, 9).Truncated);
    }

    private static Verdict Decide(HashIndex index, MatchQuery query, int limit) =>
        new Matcher(new MatcherOptions { MaxMatches = limit }, new StillTime()).Decide(index, query);

    private static MatchQuery Query(Random random, ModelWriter writer)
    {
        HashEntry[] digests =
            [.. writer.Lists.SelectMany(list => list.Live.Values).Where(entry => entry.Type == HashType.Sha256)];
        byte[] digest = new byte[32];
        if (digests.Length > 0)
        {
            digests[random.Next(digests.Length)].Value.Write(digest);
        }

        return new MatchQuery
        {
            Hashes =
            [
                .. Enumerable.Range(0, random.Next(1, 6)).Select(frame => new QueryHash(
                    Samples.Near(random, writer.Centres[random.Next(2)], random.Next(30)),
                    (Orientation)random.Next(8),
                    random.Next(5) > 0 ? 100 : random.Next(101),
                    frame,
                    (QueryRendition)random.Next(4))),
            ],
            Digests = random.Next(2) == 0 ? Digests.None : new Digests(default, default, digest),
        };
    }

    private static HashEntry[] Near(Random random, PdqHash centre, int count, DateTimeOffset? expires) =>
    [
        .. Enumerable.Range(0, count)
            .Select(i => Samples.Entry(Samples.Near(random, centre, 1 + random.Next(25)), $"{i}", expires))
            .DistinctBy(Samples.KeyOf),
    ];

    private sealed class StillTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => ModelList.Now;
    }
}
