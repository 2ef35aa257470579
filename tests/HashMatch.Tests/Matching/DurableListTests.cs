using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using HashMatch.Server.Services;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Tests.Matching;

/// <summary>Which verdicts wait for their events: those with an event of a list that asks for it, and no others.
/// </summary>
public sealed class DurableListTests
{
    private static readonly PdqHash Known = Samples.Pdq(new Random(61));
    private static readonly MatchPolicy Durable = new() { DurableEvents = true };

    [Fact]
    public void A_match_a_shadow_match_and_a_suppressed_one_of_a_durable_list_make_the_verdict_wait()
    {
        MatchPolicy negative = new() { Kind = ListKind.Negative };
        Assert.True(Decide(List("l", Durable)).DurableEvents);
        Assert.True(Decide(List("a", new MatchPolicy()), List("l", Durable)).DurableEvents);
        Assert.True(Decide(List("s", Durable with { Shadow = true })).DurableEvents);
        Assert.True(Decide(List("l", Durable), List("n", negative)).DurableEvents);
        Assert.True(Decide(List("l", new MatchPolicy()), List("n", negative with { DurableEvents = true }))
            .DurableEvents);
    }

    [Fact]
    public void A_verdict_without_an_event_of_a_durable_list_does_not_wait()
    {
        HashEntry other = Samples.Entry(Samples.Pdq(new Random(62)));
        IndexedList unmatched = Contents.List("l", Durable, other);
        Assert.False(Decide(unmatched).DurableEvents);
        Assert.False(Decide(unmatched, List("plain", new MatchPolicy())).DurableEvents);
        Assert.False(Decide(List("l", Durable with { SamplePercent = 0 }), List("plain", new MatchPolicy()))
            .DurableEvents);
        // A negative list that suppresses nothing has no event.
        Assert.False(Decide(List("n", Durable with { Kind = ListKind.Negative })).DurableEvents);
    }

    [Fact]
    public void The_policy_is_read_told_and_changed()
    {
        Assert.True(ListMessages.ReadPolicy(new V1.Policy { DurableEvents = true }).DurableEvents);
        Assert.False(ListMessages.ReadPolicy(new V1.Policy()).DurableEvents);
        ListUpdate none = ListMessages.Read(new V1.UpdateListRequest { Name = "l", Policy = new V1.Policy() });
        Assert.Null(none.DurableEvents);
        Assert.True(none.Apply(Durable).DurableEvents);
        ListUpdate off = ListMessages.Read(
            new V1.UpdateListRequest { Name = "l", Policy = new V1.Policy { DurableEvents = false } });
        Assert.False(off.Apply(Durable).DurableEvents);
    }

    private static IndexedList List(string name, MatchPolicy policy) =>
        Contents.List(name, policy, Samples.Entry(Known, name));

    private static Verdict Decide(params IReadOnlyList<IndexedList> lists) =>
        new Matcher(new MatcherOptions(), TimeProvider.System).Decide(
            Contents.Index(lists),
            new MatchQuery { Hashes = [new QueryHash(Known, Orientation.Original, 100)] });
}
