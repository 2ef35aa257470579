using HashMatch.Gate.Comparing;
using Xunit;

namespace HashMatch.Tests.Benchmarks;

/// <summary>What the gate's verdicts rest on.</summary>
public sealed class GateStatisticsTests
{
    private const int Seed = 20261128;
    private const double Limit = 1 / 0.9;

    private static readonly LookPlan Plan = new(6, 2, 14);

    [Theory]
    [InlineData(0.025, 1, 12.7062)]
    [InlineData(0.025, 2, 4.30265)]
    [InlineData(0.001, 4, 7.17318)]
    [InlineData(0.05, 5, 2.01505)]
    [InlineData(0.0005, 7, 5.40788)]
    [InlineData(0.005, 10, 3.16927)]
    [InlineData(0.025, 30, 2.04227)]
    [InlineData(0.5, 3, 0)]
    public void Quantiles_of_t_are_those_of_the_tables(double tail, int freedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(tail, freedom), 1e-4 * Math.Max(1, expected));

    [Theory]
    [InlineData(3, 0.025)]
    [InlineData(6, 0.025)]
    [InlineData(6, 0.005)]
    [InlineData(14, 0.05)]
    public void An_interval_covers_the_ratio_as_often_as_it_says(int rounds, double tail)
    {
        const int trials = 8000;
        const double ratio = 1.07;
        var random = new Random(Seed);
        int below = 0, above = 0;
        for (int i = 0; i < trials; i++)
        {
            RatioInterval interval = RatioInterval.Of(
                [.. Enumerable.Range(0, rounds).Select(_ => Math.Log(ratio) + (0.04 * Normal(random)))], tail);
            below += interval.High < ratio ? 1 : 0;
            above += interval.Low > ratio ? 1 : 0;
        }

        // Four standard deviations of a count.
        double slack = 4 * Math.Sqrt(trials * tail);
        Assert.InRange(below, (trials * tail) - slack, (trials * tail) + slack);
        Assert.InRange(above, (trials * tail) - slack, (trials * tail) + slack);
    }

    [Theory]
    [InlineData(0.005)]
    [InlineData(0.02)]
    [InlineData(0.2)]
    public void At_the_limit_looks_together_alarm_no_more_often_than_agreed(double scatter)
    {
        const int trials = 4000;
        const double falseAlarm = 0.01;
        int alarms = Alarms(trials, random => Limit * Math.Exp(scatter * Normal(random)), falseAlarm);
        Assert.InRange(alarms, 0, (trials * falseAlarm) + (4 * Math.Sqrt(trials * falseAlarm)));
    }

    [Theory]
    [InlineData(0.005)]
    [InlineData(0.03)]
    public void What_is_unchanged_passes(double scatter) =>
        Assert.Equal(0, Alarms(2000, random => Math.Exp(scatter * Normal(random)), 0.01));

    [Fact]
    public void What_is_unchanged_passes_though_some_rounds_are_wild() => Assert.InRange(
        Alarms(2000, random => Math.Exp(Normal(random) / Math.Max(0.05, Math.Abs(Normal(random))) * 0.3), 0.001), 0, 4);

    [Theory]
    [InlineData(0.005)]
    [InlineData(0.03)]
    public void What_is_slower_by_a_fifth_is_caught(double scatter)
    {
        const int trials = 2000;
        int caught = Alarms(trials, random => 1.2 * Math.Exp(scatter * Normal(random)), 0.01);
        Assert.InRange(caught, trials * 0.98, trials);
    }

    [Fact]
    public void A_finding_is_final()
    {
        var test = new SequentialTest(Limit, Plan, 0.01);
        var random = new Random(Seed);
        for (int round = 0; round < Plan.First; round++)
        {
            Assert.Equal(Finding.Undecided, test.Finding);
            test.Add(1.3 + (0.001 * random.NextDouble()));
        }

        Assert.Equal(Finding.Worse, test.Finding);
        test.Add(0.1);
        test.Add(0.1);
        Assert.Equal(Finding.Worse, test.Finding);
    }

    [Fact]
    public void Looks_are_those_of_the_plan()
    {
        Assert.Equal(5, Plan.Looks);
        Assert.Equal([6, 8, 10, 12, 14], Enumerable.Range(0, 30).Where(Plan.IsLook));
    }

    private static int Alarms(int trials, Func<Random, double> ratio, double falseAlarm)
    {
        var random = new Random(Seed);
        int alarms = 0;
        for (int i = 0; i < trials; i++)
        {
            var test = new SequentialTest(Limit, Plan, falseAlarm);
            for (int round = 0; round < Plan.Last && test.Finding == Finding.Undecided; round++)
            {
                test.Add(ratio(random));
            }

            alarms += test.Finding == Finding.Worse ? 1 : 0;
        }

        return alarms;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
