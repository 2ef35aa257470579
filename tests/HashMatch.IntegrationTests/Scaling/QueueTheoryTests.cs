using HashMatch.Load.Scale;
using Xunit;

namespace HashMatch.IntegrationTests.Scaling;

/// <summary>The simulation where somebody knows the answer. Ten runs of each case, from seeds 1 to 10, make a 99%
/// interval (Student's t) that must hold theory and be narrow.</summary>
public sealed class QueueTheoryTests
{
    // Of nine degrees of freedom, 99%, both sides.
    private const double T = 3.250;
    private const double ServiceMs = 4;
    private const double PerSecond = 1000 / ServiceMs;

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 0.8)]
    [InlineData(2, 0.7)]
    [InlineData(8, 0.85)]
    [InlineData(32, 0.85)]
    public void The_mean_wait_of_exponential_times_is_what_Erlang_C_says(int cores, double load) => Holds(
        ErlangC(cores, load * cores) / (cores * PerSecond * (1 - load)) * 1000,
        seed => Fleet.Run(Options(cores, load, 1, seed)).All.MeanWait);

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(0.5, 0.8)]
    [InlineData(2, 0.6)]
    public void The_mean_wait_for_one_core_is_what_Pollaczek_and_Khinchine_say(double spread, double load) => Holds(
        load / (1 - load) * (1 + (spread * spread)) / 2 * ServiceMs,
        seed => Fleet.Run(Options(1, load, spread, seed)).All.MeanWait);

    [Theory]
    [InlineData(1, 0.8, 1)]
    [InlineData(4, 0.9, 1)]
    [InlineData(4, 0.9, 0)]
    public void Where_nobody_may_wait_as_many_are_shed_as_Erlang_B_says(int cores, double load, double spread) => Holds(
        ErlangB(cores, load * cores),
        seed =>
        {
            SpanFigures all = Fleet.Run(Options(cores, load, spread, seed) with
            {
                Line = new LineLimits { MaxWaiting = 0, MaxDelay = TimeSpan.FromDays(1) },
            }).All;
            return (double)all.Shed / all.Offered;
        });

    [Fact]
    public void Replicas_that_are_chosen_at_random_are_queues_of_their_own() => Holds(
        ErlangC(2, 1.4) / (2 * PerSecond * 0.3) * 1000,
        seed => Fleet.Run(
            Options(2, 0.7, 1, seed) with { Replicas = 5, UploadsPerSecond = 7 * PerSecond }).All.MeanWait);

    [Fact]
    public void A_replica_of_two_cores_that_builds_an_index_is_one_of_one_core() => Holds(
        0.8 / 0.2 * ServiceMs,
        seed => Fleet.Run(Options(2, 0.4, 1, seed) with { Builds = [new IndexBuild(0, 0, 1e6)] }).All.MeanWait);

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Two_groups_answer_when_Flatto_and_Hahn_say(double load) => Holds(
        (12 - load) / 8 / (PerSecond * (1 - load)) * 1000,
        seed => Shards.Run(new ShardsOptions
        {
            Groups = 2,
            Cores = 1,
            UploadsPerSecond = load * PerSecond,
            LookupMilliseconds = ServiceMs,
            Spread = 1,
            Seconds = 200,
            Seed = seed,
        }).Mean);

    [Theory]
    [InlineData(1, 0.7, 0)]
    [InlineData(4, 0.9, 1)]
    public void Cores_are_busy_as_the_load_says_and_Little_is_right(int cores, double load, double spread)
    {
        FleetFigures figures = Fleet.Run(Options(cores, load, spread, 1));
        Assert.InRange(figures.Utilisation, load * 0.99, load * 1.01);

        // From empty to empty the law holds to the last digit, and against the rate that was asked for about.
        Assert.Equal(
            figures.Arrived * figures.All.Mean / 1000, figures.MeanInHand * figures.Seconds, figures.Seconds * 1e-6);
        Assert.Equal(load * cores * PerSecond * figures.All.Mean / 1000, figures.MeanInHand, figures.MeanInHand * 0.01);
    }

    private static FleetOptions Options(int cores, double load, double spread, ulong seed) => new()
    {
        Cores = cores,
        UploadsPerSecond = load * cores * PerSecond,
        Kinds = [new UploadKind("one", 1, 1, ServiceMs)],
        Spread = spread,
        Line = null,
        Seconds = 400.0 / cores,
        Seed = seed,
    };

    // Probability that all cores are taken, of so many that would be busy.
    private static double ErlangB(int cores, double busy) =>
        Enumerable.Range(1, cores).Aggregate(1.0, (lost, each) => busy * lost / (each + (busy * lost)));

    private static double ErlangC(int cores, double busy)
    {
        double lost = ErlangB(cores, busy);
        return lost / (1 - (busy / cores * (1 - lost)));
    }

    private static void Holds(double theory, Func<ulong, double> run)
    {
        double[] runs = [.. Enumerable.Range(1, 10).Select(seed => run((ulong)seed))];
        double mean = runs.Average();
        double deviation = Math.Sqrt(runs.Sum(each => (each - mean) * (each - mean)) / (runs.Length - 1));
        double half = T * deviation / Math.Sqrt(runs.Length);
        Assert.True(half < 0.1 * theory, $"{mean} give or take {half} says little of {theory}");
        Assert.InRange(theory, mean - half, mean + half);
    }
}
