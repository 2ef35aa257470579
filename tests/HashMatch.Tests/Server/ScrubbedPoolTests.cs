using System.Buffers;
using HashMatch.Server.Memory;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class ScrubbedPoolTests
{
    private const int Most = ScrubbedPool.MaxKeptBytes / NativePages.PageBytes;

    [Fact]
    public void A_burst_is_given_back_to_the_system_once_it_is_over_and_stays_zero()
    {
        var pool = new ScrubbedPool();
        IMemoryOwner<byte>[] burst = RentAll(pool, Most * 2);
        Array.ForEach(burst, page => page.Memory.Span.Fill(0xa5));
        Array.ForEach(burst, page => page.Dispose());
        Assert.True(pool.Kept >= burst.Length);
        Assert.True(
            SpinWait.SpinUntil(() => pool.Kept <= Most, TimeSpan.FromMinutes(1)), $"{pool.Kept} kept");
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

    [Fact]
    public void Buffers_are_wide_while_there_are_few_in_all_pools_and_pages_else()
    {
        var wide = new WideBuffers(5 * 16384);
        var a = new ScrubbedPool(16384, wide);
        var b = new ScrubbedPool(32768, wide);
        IMemoryOwner<byte>[] buffers = [a.Rent(), b.Rent(), b.Rent(), a.Rent(), b.Rent(), a.Rent()];
        Assert.Equal([16384, 32768, 32768, 4096, 4096, 4096], buffers.Select(buffer => buffer.Memory.Length));
        Array.ForEach(buffers, buffer => buffer.Memory.Span.Fill(0xa5));
        buffers[1].Dispose();
        buffers[1].Dispose();
        IMemoryOwner<byte>[] again = [a.Rent(), a.Rent(), a.Rent()];
        Assert.Equal([16384, 16384, 4096], again.Select(buffer => buffer.Memory.Length));
        Assert.All(again, buffer => Assert.Equal(-1, buffer.Memory.Span.IndexOfAnyExcept((byte)0)));
        Assert.Equal(9, buffers.Concat(again).Select(buffer => buffer.Memory).Distinct().Count());
    }

    private static IMemoryOwner<byte>[] RentAll(ScrubbedPool pool, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.Rent())];
}
