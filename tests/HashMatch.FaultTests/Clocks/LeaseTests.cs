using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Clocks;

/// <summary>The clock that a lease runs by is set while somebody who is gone holds it, and while its holder lives.
/// </summary>
public sealed class LeaseTests
{
    private const string Lease = "exchange:x";
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(365 * 24)]
    [InlineData(-365 * 24)]
    public async Task A_lease_in_sqlite_has_an_end_whatever_the_clock_does(int hours)
    {
        using var folder = new TemporaryFolder();
        string address = "sqlite:" + folder["data"];
        await using IListStore before = await ListStores.OpenAsync(address, TimeProvider.System, Cancellation);
        await using IListStore after = await ListStores.OpenAsync(
            address, new SetTime(TimeSpan.FromHours(hours)), Cancellation);
        Assert.Equal("gone", await before.LeaseAsync(Lease, "gone", Time, Cancellation));
        Assert.Equal("next", await after.LeaseAsync(Lease, "next", Time, Cancellation));

        // By one clock it is held, and its holder renews it.
        Assert.Equal("next", await after.LeaseAsync(Lease, "third", Time, Cancellation));
        Assert.Equal("next", await after.LeaseAsync(Lease, "next", Time, Cancellation));
        FaultRow.Seen(
            $"the clock is set by {hours} h, SQLite's lease of 15 s is held by nobody alive",
            "who asks gets it at once; who lost it finds the other's name",
            "taken over, then held");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(365 * 24)]
    public async Task A_lease_in_redis_has_an_end_though_its_clock_went_back(int hours)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        Assert.Equal("gone", await store.LeaseAsync(Lease, "gone", Time, Cancellation));
        Assert.Equal("gone", await store.LeaseAsync(Lease, "next", Time, Cancellation));

        // Redis keeps the moment when a key ends: with its clock set back, that is so much further off.
        string left = ((hours * 3600) + 15).ToString(CultureInfo.InvariantCulture);
        await redis.SendAsync(Cancellation, "EXPIRE", $"hm:{{lease:{Lease}}}", left);
        Assert.Equal("next", await store.LeaseAsync(Lease, "next", Time, Cancellation));
        Assert.Equal("next", await store.LeaseAsync(Lease, "third", Time, Cancellation));
        Assert.Equal("next", await store.LeaseAsync(Lease, "next", Time, Cancellation));
        FaultRow.Seen(
            $"Redis's clock is set back by {hours} h, its lease of 15 s is held by nobody alive",
            "who asks gets it at once",
            "taken over, then held");
    }

    private sealed class SetTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
