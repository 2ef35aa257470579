using System.Buffers;
using HashMatch.Server.Memory;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class ScrubbedPoolTests
{
    [Fact]
    public void A_burst_is_given_back_to_the_system_once_it_is_over_and_stays_zero()
    {
        var pool = new ScrubbedPool();
        IMemoryOwner<byte>[] burst = RentAll(pool, ScrubbedPool.MaxKept * 2);
        Array.ForEach(burst, page => page.Memory.Span.Fill(0xa5));
        Array.ForEach(burst, page => page.Dispose());
        Assert.True(pool.Kept >= burst.Length);
        Assert.True(
            SpinWait.SpinUntil(() => pool.Kept <= ScrubbedPool.MaxKept, TimeSpan.FromMinutes(1)), $"{pool.Kept} kept");
        IMemoryOwner<byte>[] again = RentAll(pool, burst.Length);
        Assert.All(again, page => Assert.Equal(-1, page.Memory.Span.IndexOfAnyExcept((byte)0)));
        Assert.Equal(burst.Length, again.Select(page => page.Memory).Distinct().Count());
    }

    [Fact]
    public void What_came_back_last_is_taken_first()
    {
        var pool = new ScrubbedPool();
        IMemoryOwner<byte>[] pages = RentAll(pool, 3);
        pages[1].Dispose();
        Assert.Equal(pages[1].Memory, pool.Rent().Memory);
    }

    [Fact]
    public void A_buffer_that_is_given_back_twice_is_handed_out_once()
    {
        var pool = new ScrubbedPool();
        IMemoryOwner<byte> page = pool.Rent();
        page.Dispose();
        page.Dispose();
        Assert.NotEqual(pool.Rent().Memory, pool.Rent().Memory);
    }

    private static IMemoryOwner<byte>[] RentAll(ScrubbedPool pool, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.Rent())];
}
