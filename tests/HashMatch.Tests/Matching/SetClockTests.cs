using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>The time of day is set, forwards and back: what counts time that passed goes on as before.</summary>
public sealed class SetClockTests
{
    private static readonly QuarantineOptions Quarantine = new()
    {
        Window = TimeSpan.FromMinutes(8),
        Ratio = 10,
        MinMatches = 20,
    };

    private static readonly ProbingOptions Probing = new()
    {
        Window = TimeSpan.FromHours(1),
        MinHashes = 8,
        LimitFor = TimeSpan.FromMinutes(10),
    };

    private readonly Random _random = new(72);
    private readonly ManualTime _time = new();
    private readonly FloodWatch _floods = new(Quarantine, () => null);
    private readonly ProbingWatch _probing = new(Probing);
    private readonly PdqHash _known;
    private readonly HashIndex _index;

    public SetClockTests()
    {
        _known = Samples.Pdq(_random);
        _index = Contents.Index(Contents.List("l", new MatchPolicy(), Samples.Entry(_known, "known")));
    }

    public static TheoryData<TimeSpan> Jumps =>
    [
        TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(365), TimeSpan.FromDays(-365),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TimeSpan Steady => _time.GetElapsedTime(0);

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_busy_entry_is_no_flood_because_the_clock_is_set(TimeSpan jump)
    {
        for (int half = 0; half < 48; half++)
        {
            Find(_known, 10);
            _time.Advance(TimeSpan.FromMinutes(30));
        }

        _time.Jump(jump);
        Find(_known, 25);
        Assert.False(_floods.Floods.TryPeek(out _));
        Find(_known, 40);
        Assert.True(_floods.Floods.TryPeek(out _));
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void Matches_that_are_spread_out_are_no_flood_after_the_clock_stood_wrong(TimeSpan jump)
    {
        _time.Jump(jump);
        Find(_known, 1);
        _time.Jump(-jump);
        for (int i = 0; i < 200; i++)
        {
            Find(_known, 1);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.False(_floods.Floods.TryPeek(out _));
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_caller_that_searched_is_refused_for_its_time_and_no_longer(TimeSpan jump)
    {
        Assert.Equal(1, AlarmsOfASearch());
        _time.Jump(jump);
        Assert.Equal(Probing.LimitFor, _probing.LimitedFor("caller", Steady));
        _time.Advance(Probing.LimitFor - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _probing.LimitedFor("caller", Steady));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_probing.LimitedFor("caller", Steady));

        // Who goes on raises the next alarm a window later.
        _time.Advance(Probing.Window);
        Assert.Equal(1, AlarmsOfASearch());
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task An_index_is_as_old_as_the_longer_of_both_clocks_says(TimeSpan jump)
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        using CurrentIndex current = new();
        using ListReplica replica = new(fixture.Store, current, _time);
        Assert.Null(replica.Age);
        await replica.RefreshAsync(Token);
        Assert.Equal((TimeSpan.Zero, null), (replica.Age, replica.OutOfStepFor));
        _time.Jump(jump);
        _time.Advance(TimeSpan.FromMinutes(3));
        TimeSpan ahead = jump > TimeSpan.Zero ? jump : TimeSpan.Zero;
        Assert.Equal(TimeSpan.FromMinutes(3) + ahead, replica.Age);
        await replica.RefreshAsync(Token);
        Assert.Equal(TimeSpan.Zero, replica.Age);
    }

    // Hashes that differ from each other, around the threshold of one entry.
    private int AlarmsOfASearch()
    {
        for (int i = 0; i < Probing.MinHashes; i++)
        {
            Find(Samples.Near(_random, _known, 24 + (2 * i)), 1);
        }

        return _probing.Alarms.TryRead(out _) ? 1 : 0;
    }

    private void Find(PdqHash hash, int times)
    {
        var matcher = new Matcher(new MatcherOptions(), _time, _floods, _probing);
        for (int i = 0; i < times; i++)
        {
            matcher.Decide(
                _index, new MatchQuery { Hashes = [new QueryHash(hash, Orientation.Original, 100)] }, "caller");
        }
    }
}
