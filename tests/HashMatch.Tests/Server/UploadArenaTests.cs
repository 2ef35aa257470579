using HashMatch.Server.Memory;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class UploadArenaTests
{
    private const int Page = 4096;

    [Fact]
    public void What_is_given_back_is_zero_and_is_given_out_again()
    {
        using var arena = new UploadArena(16 * Page);
        ArenaBlock block = Rent(arena, 3 * Page);
        block.GetSpan().Fill(0x5A);
        Dispose(block);
        Assert.Equal(0, arena.UsedBytes);
        ArenaBlock again = Rent(arena, 16 * Page);
        Assert.False(again.GetSpan().ContainsAnyExcept((byte)0));
        Dispose(again);
    }

    [Fact]
    public void There_is_no_more_than_its_size_and_room_again_after_a_return()
    {
        using var arena = new UploadArena(4 * Page);
        ArenaBlock first = Rent(arena, Page + 1);
        ArenaBlock second = Rent(arena, 2 * Page);
        Assert.Null(arena.TryRent(1));
        Dispose(first);
        Assert.Null(arena.TryRent((2 * Page) + 1));
        Dispose(Rent(arena, 2 * Page));
        Dispose(second);
        Dispose(Rent(arena, 4 * Page));
    }

    [Fact]
    public void A_block_that_was_given_back_is_not_read_and_not_given_back_twice()
    {
        using var arena = new UploadArena(2 * Page);
        ArenaBlock block = Rent(arena, 100);
        ReadOnlyMemory<byte> memory = block.Memory;
        Assert.Same(block, ArenaBlock.Of(memory));
        UploadScope.Release(memory);
        UploadScope.Release(memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Equal(0, arena.UsedBytes);
    }

    [Fact]
    public void A_request_gives_back_what_is_left_of_it()
    {
        using var arena = new UploadArena(8 * Page);
        using (UploadScope scope = UploadScope.Begin(arena))
        {
            Dispose(scope.Rent(10));
            _ = scope.Rent(Page);
            Assert.Equal(Page, arena.UsedBytes);
        }

        Assert.Equal(0, arena.UsedBytes);
    }

    [Fact]
    public void Runs_of_pages_never_overlap()
    {
        var random = new Random(11);
        using var arena = new UploadArena(200 * Page);
        List<(ArenaBlock Block, byte Mark)> taken = [];
        for (int i = 0; i < 5000; i++)
        {
            if (random.Next(2) == 0 && arena.TryRent(random.Next(1, 30 * Page)) is { } block)
            {
                Assert.False(block.GetSpan().ContainsAnyExcept((byte)0));
                block.GetSpan().Fill((byte)((i % 255) + 1));
                taken.Add((block, (byte)((i % 255) + 1)));
            }
            else if (taken.Count > 0)
            {
                int place = random.Next(taken.Count);
                Assert.False(taken[place].Block.GetSpan().ContainsAnyExcept(taken[place].Mark));
                Dispose(taken[place].Block);
                taken.RemoveAt(place);
            }
        }

        taken.ForEach(each => Dispose(each.Block));
        Dispose(Rent(arena, 200 * Page));
    }

    private static ArenaBlock Rent(UploadArena arena, int bytes)
    {
        ArenaBlock? block = arena.TryRent(bytes);
        Assert.NotNull(block);
        return block;
    }

    private static void Dispose(ArenaBlock block) => ((IDisposable)block).Dispose();
}
