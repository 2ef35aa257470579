using HashMatch.Load.Scale;
using Xunit;

namespace HashMatch.IntegrationTests.Scaling;

/// <summary>What a simulated fleet does that no formula says.</summary>
public sealed class FleetTests
{
    private static readonly UploadKind[] Kinds =
        [new("small", 70, 63, 1), new("middle", 25, 419, 5), new("large", 5, 2066, 18)];

    // Milliseconds: 0.7 + 1.25 + 0.9.
    private const double Mean = 2.85;

    [Fact]
    public void Every_upload_is_answered_shed_or_failed()
    {
        FleetFigures figures = Fleet.Run(Options(4, 1.3) with
        {
            Outage = new Outage(2, 1, 4),
            Builds = [new IndexBuild(1, 3, 2)],
            Spans = [new Span("a", 0, 2), new Span("b", 2, 6), new Span("c", 6, 10)],
        });
        SpanFigures all = figures.All;
        Assert.Equal(figures.Arrived, all.Answered + all.Shed + all.Failed);
        Assert.Equal(figures.Arrived, all.Offered);
        Assert.True(all is { Answered: > 1000, Shed: > 1000, Failed: > 100 });
        Assert.Equal(all.Answered, figures.Spans.Sum(span => span.Answered));
        Assert.Equal(all.Shed, figures.Spans.Sum(span => span.Shed));
        Assert.Equal(all.Failed, figures.Spans.Sum(span => span.Failed));
    }

    [Fact]
    public void A_seed_tells_everything()
    {
        Assert.Equal(Of(1), Of(1));
        Assert.NotEqual(Of(1), Of(2));

        static (long, double, double, double) Of(ulong seed)
        {
            FleetFigures figures = Fleet.Run(Options(3, 0.9) with { Seed = seed, Balancing = Balancing.TwoChoices });
            return (figures.Arrived, figures.All.MeanWait, figures.All.P99, figures.Utilisation);
        }
    }

    [Fact]
    public void Who_knows_more_of_the_replicas_waits_less()
    {
        double[] waits = [.. new[] { Balancing.Shortest, Balancing.TwoChoices, Balancing.Random }
            .Select(balancing => Fleet.Run(Options(8, 0.85) with { Balancing = balancing }).All.MeanWait)];
        Assert.True(waits[0] < waits[1] * 0.8, string.Join(", ", waits));
        Assert.True(waits[1] < waits[2] * 0.8, string.Join(", ", waits));
    }

    [Fact]
    public void Twice_what_it_can_do_is_half_shed_and_nobody_waits_long()
    {
        FleetFigures figures = Fleet.Run(Options(1, 2));
        SpanFigures all = figures.All;
        Assert.InRange((double)all.Shed / all.Offered, 0.45, 0.55);
        Assert.InRange(figures.Utilisation, 0.95, 1);
        Assert.Equal(0, all.Failed);

        // The line is held to a few uploads' time; the longest upload takes 18 ms.
        Assert.InRange(all.P50, 1, 30);
        Assert.InRange(all.P99, 18, 100);
    }

    [Fact]
    public void An_outage_fails_only_what_comes_before_it_is_noticed()
    {
        FleetFigures figures = Fleet.Run(Options(4, 0.5) with
        {
            Balancing = Balancing.RoundRobin,
            Outage = new Outage(3, 1, 4),
            Spans =
            [
                new Span("before", 0, 2.9), new Span("not noticed", 3, 4), new Span("without it", 4, 7),
                new Span("after", 7, 10),
            ],
        });
        Assert.Equal([0L, 0L, 0L], figures.Spans.Where(span => span.Name != "not noticed").Select(span => span.Failed));
        SpanFigures between = figures.Spans[1];
        Assert.InRange((double)between.Failed / between.Offered, 0.24, 0.26);
        Assert.InRange(figures.All.Failed - between.Failed, 0, 8);
        Assert.True(figures.Spans[2].MeanWait > figures.Spans[0].MeanWait);
    }

    [Fact]
    public void A_fleet_that_is_gone_fails_all()
    {
        SpanFigures all = Fleet.Run(Options(1, 0.5) with { Outage = new Outage(0, 0, 20) }).All;
        Assert.Equal((0, 0), (all.Answered, all.Shed));
        Assert.Equal(all.Offered, all.Failed);
    }

    private static FleetOptions Options(int replicas, double load) => new()
    {
        Replicas = replicas,
        Cores = 2,
        UploadsPerSecond = load * replicas * 2 * 1000 / Mean,
        Kinds = Kinds,
        Seconds = 10,
    };
}
