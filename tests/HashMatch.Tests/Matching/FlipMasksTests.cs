using System.Numerics;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class FlipMasksTests
{
    [Fact]
    public void All_numbers_with_so_many_bits_set_are_there_once()
    {
        for (int width = 1; width <= 16; width++)
        {
            for (int flips = 0; flips <= width; flips++)
            {
                uint[] masks = FlipMasks.Of(width, flips);
                Assert.Equal(
                    Enumerable.Range(0, 1 << width).Where(n => BitOperations.PopCount((uint)n) == flips),
                    masks.Select(mask => (int)mask).Order());
                Assert.Equal(masks.Length, FlipMasks.Count(width, flips));
            }
        }
    }

    // Plans point into the arrays: one that is not kept would be collected under them.
    [Fact]
    public void Threads_that_come_together_get_the_array_that_is_kept()
    {
        const int Threads = 8;
        for (int width = 18; width <= 22; width++)
        {
            for (int flips = 0; flips < 4; flips++)
            {
                uint[][] got = new uint[Threads][];
                using Barrier start = new(Threads);
                Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    got[i] = FlipMasks.Of(width, flips);
                }))];
                Array.ForEach(threads, thread => thread.Start());
                Array.ForEach(threads, thread => thread.Join());
                Assert.All(got, masks => Assert.Same(FlipMasks.Of(width, flips), masks));
            }
        }
    }
}
