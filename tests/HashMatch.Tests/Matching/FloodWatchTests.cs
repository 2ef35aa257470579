using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>Entries that match far above their own rate.</summary>
public sealed class FloodWatchTests
{
    private static readonly QuarantineOptions Options = new()
    {
        Window = TimeSpan.FromMinutes(8),
        Ratio = 10,
        MinMatches = 20,
    };

    private static readonly Random Random = new(71);
    private static readonly PdqHash Known = Samples.Pdq(Random);
    private static readonly PdqHash Other = Samples.Pdq(Random);
    private static readonly IndexedList List = new(
        "l", 1, new MatchPolicy(), Contents.Of([Samples.Entry(Known, "known"), Samples.Entry(Other, "other")]))
    {
        Id = Guid.NewGuid(),
    };

    private readonly ManualTime _time = new();
    private readonly FloodWatch _watch;
    private readonly Matcher _matcher;
    private DateTimeOffset? _inStepAt;

    public FloodWatchTests()
    {
        _watch = new FloodWatch(Options, () => _inStepAt);
        _matcher = new Matcher(new MatcherOptions(), _time, _watch);
    }

    [Fact]
    public void An_entry_without_history_is_held_to_review_from_the_verdict_after_the_floor()
    {
        using HashIndex index = Contents.Index(List);
        for (int i = 1; i <= 20; i++)
        {
            Assert.Equal(MatchAction.Block, Decide(index, Known).Action);
            Assert.Equal(i == 20, _watch.Floods.TryPeek(out _));
        }

        Verdict held = Decide(index, Known);
        Assert.Equal((Outcome.Near, MatchAction.Review), (held.Outcome, held.Action));
        Assert.Equal(MatchAction.Review, Assert.Single(held.Matches).Action);
        Assert.Equal(MatchAction.Block, Decide(index, Other).Action);
        Assert.True(_watch.Floods.TryRead(out Flood? flood));
        Assert.Equal(
            ("l", List.Id, "known", 20L, 0.0),
            (flood.List, flood.ListId, flood.ExternalId, flood.Matches, flood.Expected));
        Assert.False(_watch.Floods.TryRead(out _));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(20, false)]
    public void An_entry_is_judged_by_its_own_rate_of_the_day_before(int anHour, bool floods)
    {
        using HashIndex index = Contents.Index(List);
        for (int hour = 0; hour < 24; hour++)
        {
            Match(index, anHour / 2);
            _time.Advance(TimeSpan.FromMinutes(30));
            Match(index, anHour - (anHour / 2));
            _time.Advance(TimeSpan.FromMinutes(30));
        }

        // 20 an hour are 2.7 in 8 minutes: 10 times that is 27, and the last window is no part of it.
        Match(index, 25);
        Assert.Equal(floods, _watch.Floods.TryPeek(out _));
        Match(index, 40);
        Assert.True(_watch.Floods.TryPeek(out _));
    }

    [Fact]
    public void Matches_that_are_spread_out_are_no_flood()
    {
        using HashIndex index = Contents.Index(List);
        for (int i = 0; i < 200; i++)
        {
            Match(index, 1);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.False(_watch.Floods.TryPeek(out _));
    }

    [Fact]
    public void An_entry_is_held_while_the_store_is_down_and_released_with_its_document()
    {
        using HashIndex index = Contents.Index(List);
        Match(index, 20);
        Assert.True(_watch.Floods.TryRead(out Flood? flood));

        // Nothing was written yet, whatever the index is in step with.
        _inStepAt = _time.GetUtcNow().AddHours(1);
        Assert.Equal(MatchAction.Review, Decide(index, Known).Action);
        _watch.Written(flood, _time.GetUtcNow().AddHours(2));
        Assert.Equal(MatchAction.Review, Decide(index, Known).Action);
        using HashIndex quarantined = HashIndex.Build(2, [List with { Quarantined = Keys(flood) }]);
        _inStepAt = _time.GetUtcNow().AddHours(3);
        Assert.Equal(MatchAction.Review, Decide(quarantined, Known).Action);
        Assert.Equal(MatchAction.Block, Decide(quarantined, Other).Action);

        // A look-up that is still in flight in the older index does not take it for a release.
        Assert.Equal(MatchAction.Review, Decide(index, Known).Action);
        Assert.Equal(MatchAction.Review, Decide(quarantined, Known).Action);

        // Released by hand: counted anew.
        using HashIndex released = HashIndex.Build(3, [List]);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(MatchAction.Block, Decide(released, Known).Action);
        }

        Assert.Equal(MatchAction.Review, Decide(released, Known).Action);
    }

    [Fact]
    public void A_release_that_came_before_the_index_knew_counts_too()
    {
        using HashIndex index = Contents.Index(List);
        Match(index, 20);
        Assert.True(_watch.Floods.TryRead(out Flood? flood));
        _watch.Written(flood, _time.GetUtcNow());
        Assert.Equal(MatchAction.Review, Decide(index, Known).Action);
        _inStepAt = _time.GetUtcNow().AddSeconds(60);
        Assert.Equal(MatchAction.Review, Decide(index, Known).Action);
        _inStepAt = _time.GetUtcNow().AddSeconds(61);
        Assert.Equal(MatchAction.Block, Decide(index, Known).Action);
    }

    [Fact]
    public void Another_list_with_the_same_entry_is_not_affected()
    {
        IndexedList[] lists = [List, List with { Name = "m", Id = Guid.NewGuid(), Quarantined = QuarantinedKeys.None }];
        using HashIndex index = Contents.Index(
            lists[0] with { Quarantined = new QuarantinedKeys([new QuarantinedEntry(KeyOf(Known), default, 1, 1)]) },
            lists[1]);
        Verdict verdict = Decide(index, Known);
        Assert.Equal(MatchAction.Block, verdict.Action);
        Assert.Equal(
            [("m", MatchAction.Block), ("l", MatchAction.Review)],
            verdict.Matches.Select(match => (match.List, match.Action)));
    }

    [Fact]
    public void No_more_entries_are_counted_than_there_is_room_for()
    {
        HashEntry[] entries = [.. Enumerable.Range(0, FloodWatch.MaxCounted + 500)
            .Select(i => new HashEntry { Type = HashType.Sha256, Value = new HashValue(7, 7, 7, (ulong)i + 1) })];
        IndexedList many = Contents.List("many", new MatchPolicy(), entries);
        foreach (SegmentView view in many.Content.Segments)
        {
            for (int row = 0; row < view.Segment.Rows; row++)
            {
                _watch.Count(many, 1, view.Segment, row, "", _time.GetUtcNow(), TimeSpan.Zero);
            }
        }

        Assert.Equal(FloodWatch.MaxCounted, _watch.CountedEntries);
    }

    [Fact]
    public void A_rate_is_what_counting_all_times_comes_to() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            MatchRate rate = new(Options);
            List<DateTimeOffset> times = [];
            DateTimeOffset now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
            for (int i = 0; i < 200; i++)
            {
                now += TimeSpan.FromSeconds(random.Next(4) switch
                {
                    0 => random.Next(30 * 3600),
                    1 => random.Next(3600),
                    _ => random.Next(60),
                });
                times.Add(now);
                (long matches, double expected) = rate.Count(TimeSpan.FromTicks(now.UtcTicks));

                // By whole slots of a minute, and whole hours.
                DateTimeOffset window = Floor(now, TimeSpan.FromMinutes(1)) - TimeSpan.FromMinutes(7);
                DateTimeOffset day = Floor(now, TimeSpan.FromHours(1)) - TimeSpan.FromHours(23);
                Assert.Equal(times.Count(time => time >= window), matches);
                TimeSpan history = now - Options.Window - times[0];
                history = history < Options.Window ? Options.Window
                    : history > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1)
                    : history;
                Assert.Equal(
                    times.Count(time => time < window && time >= day) * (Options.Window / history), expected, 9);
            }
        },
        iter: 100);

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan unit) =>
        new(time.UtcTicks / unit.Ticks * unit.Ticks, TimeSpan.Zero);

    private static string KeyOf(PdqHash hash) => new EntryKey(HashType.Pdq, HashValue.From(hash)).ToString();

    private static QuarantinedKeys Keys(Flood flood) =>
        new([new QuarantinedEntry(flood.Key.ToString(), flood.At, flood.Matches, flood.Expected)]);

    private void Match(HashIndex index, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Decide(index, Known);
        }
    }

    private Verdict Decide(HashIndex index, PdqHash hash) =>
        _matcher.Decide(index, new MatchQuery { Hashes = [new QueryHash(hash, Orientation.Original, 100)] });
}
