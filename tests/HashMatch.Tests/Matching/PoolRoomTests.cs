using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class PoolRoomTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_pool_has_more_threads_at_once_while_any_master_is_away_and_a_while_longer()
    {
        int usual = LeastThreads();
        using (var room = new PoolRoom(_time))
        using (var other = new PoolRoom(_time))
        {
            room.Keep(isAway: false);
            Assert.Equal(usual, LeastThreads());
            room.Keep(isAway: true);
            other.Keep(isAway: true);
            other.Keep(isAway: true);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            _time.Advance(TimeSpan.FromSeconds(5));
            room.Keep(isAway: false);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            _time.Advance(TimeSpan.FromSeconds(6));
            room.Keep(isAway: false);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            other.Keep(isAway: false);
            Assert.Equal(usual, LeastThreads());
            room.Keep(isAway: true);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
        }

        Assert.Equal(usual, LeastThreads());
    }

    private static int LeastThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out _);
        return workers;
    }
}
