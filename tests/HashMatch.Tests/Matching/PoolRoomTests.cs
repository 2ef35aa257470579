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
            room.Keep(StoreState.Answers);
            Assert.Equal(usual, LeastThreads());
            room.Keep(StoreState.Away);
            other.Keep(StoreState.Away);
            other.Keep(StoreState.Away);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            _time.Advance(TimeSpan.FromSeconds(5));
            room.Keep(StoreState.Answers);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            _time.Advance(TimeSpan.FromSeconds(6));
            room.Keep(StoreState.Answers);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
            other.Keep(StoreState.Answers);
            Assert.Equal(usual, LeastThreads());
            room.Keep(StoreState.Away);
            Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
        }

        Assert.Equal(usual, LeastThreads());
    }

    [Fact]
    public void A_master_that_refuses_or_is_silent_for_a_moment_is_there()
    {
        int usual = LeastThreads();
        using var room = new PoolRoom(_time);
        foreach (StoreState state in (StoreState[])
            [StoreState.Refuses, StoreState.Silent, StoreState.Answers, StoreState.Silent, StoreState.Refuses])
        {
            room.Keep(state);
            _time.Advance(TimeSpan.FromMilliseconds(400));
            room.Keep(state);
            Assert.Equal(usual, LeastThreads());
        }

        room.Keep(StoreState.Silent);
        _time.Advance(TimeSpan.FromMilliseconds(600));
        room.Keep(StoreState.Silent);
        Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
    }

    [Fact]
    public void A_lost_connection_makes_room_at_once_and_none_behind_the_end()
    {
        int usual = LeastThreads();
        using var room = new PoolRoom(_time);
        room.ConnectionLost();
        Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
        room.Keep(StoreState.Answers);
        Assert.Equal(usual + PoolRoom.Threads, LeastThreads());
        _time.Advance(TimeSpan.FromSeconds(11));
        room.Keep(StoreState.Answers);
        Assert.Equal(usual, LeastThreads());
        room.Dispose();
        room.ConnectionLost();
        Assert.Equal(usual, LeastThreads());
    }

    private static int LeastThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out _);
        return workers;
    }
}
