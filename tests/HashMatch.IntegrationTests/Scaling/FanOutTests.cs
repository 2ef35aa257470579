using HashMatch.Load.Scale;
using Xunit;

namespace HashMatch.IntegrationTests.Scaling;

/// <summary>A change on its way, against sums by hand.</summary>
public sealed class FanOutTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(4, 10)]
    [InlineData(40, 100)]
    public void The_store_or_the_links_are_what_all_wait_for(int replicas, double seconds)
    {
        FanOutFigures figures = FanOut.Run(Options with { Replicas = replicas, BuildSeconds = 3 });
        Assert.Equal(seconds, figures.FirstFetched, 9);
        Assert.Equal(seconds, figures.LastFetched, 9);
        Assert.Equal(seconds + 3, figures.LastReady, 9);
        Assert.Equal(100.0 * replicas, figures.StoreBytes);
    }

    [Fact]
    public void Who_comes_later_shares_with_who_is_there()
    {
        // One second alone at 3, then two at 2 until the first has its 10; the second has 3 left and 3 a second.
        FanOutOptions options = Options with { Bytes = 10, BytesPerSecond = 3, StoreBytesPerSecond = 4 };
        Assert.Equal([4.5, 5.5], FanOut.Fetch([0, 1], options));

        // Nothing goes on between them.
        Assert.Equal([10 / 3.0, 20 + (10 / 3.0)], FanOut.Fetch([0, 20], options));
    }

    [Fact]
    public void The_store_never_sends_more_than_it_can()
    {
        FanOutFigures figures = FanOut.Run(Options with { Replicas = 100, StartWithin = 200 });
        Assert.True(figures.LastFetched >= figures.StoreBytes / Options.StoreBytesPerSecond);
        Assert.InRange(figures.LastFetched, 250, 450);
        Assert.True(figures.FirstFetched < figures.LastFetched);
    }

    // Four links of 10 fill the store's 40.
    private static FanOutOptions Options => new()
    {
        Replicas = 1,
        Bytes = 100,
        BytesPerSecond = 10,
        StoreBytesPerSecond = 40,
    };
}
