using HashMatch.Exchanges;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>Runs by a clock that stood wrong: once it is right again, nothing waits for the time that it showed.
/// </summary>
public sealed class ExchangeClockTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IListStore _store = null!;

    public static TheoryData<ExchangeKind, TimeSpan> Jumps
    {
        get
        {
            var jumps = new TheoryData<ExchangeKind, TimeSpan>();
            foreach (ExchangeKind kind in Enum.GetValues<ExchangeKind>())
            {
                foreach (int hours in (int[])[1, -1, 365 * 24, -365 * 24])
                {
                    jumps.Add(kind, TimeSpan.FromHours(hours));
                }
            }

            return jumps;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await ListStores.OpenAsync(
        "sqlite:" + _folder["data"], TimeProvider.System, Token);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task What_the_exchange_changes_after_the_clock_was_wrong_is_fetched(ExchangeKind kind, TimeSpan jump)
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        for (int i = 0; i < 12; i++)
        {
            player.Put(i, true, ExchangeBench.Md5(i));
        }

        await bench.SyncAsync(time: new ShiftedTime(jump));
        player.Put(3, false, ExchangeBench.Md5(3));
        player.Put(12, true, ExchangeBench.Md5(12));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ExchangeState state = await bench.StateAsync();
        // One that was made an hour ago is due by its interval, or a little later.
        Assert.True(state.IsDue(jump > TimeSpan.Zero ? now : now + state.Definition.Interval));
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        state = await bench.StateAsync();
        Assert.False(state.IsDue(now));
        Assert.False(state.HasRunAhead(now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(365 * 24)]
    public async Task A_run_that_failed_by_a_clock_that_was_ahead_is_tried_again(int hours)
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.StopNcii, Token);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.StopNcii);
        player.Put(1, true, ExchangeBench.Md5(1));
        player.Fault = _ => PlayerFault.Nonsense;
        await Assert.ThrowsAsync<ExchangeException>(
            () => bench.SyncAsync(time: new ShiftedTime(TimeSpan.FromHours(hours))));
        Assert.True((await bench.StateAsync()).IsDue(DateTimeOffset.UtcNow));
        player.Fault = _ => PlayerFault.None;
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }
}
