using System.Diagnostics;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.FaultTests.Transport;

/// <summary>One attack beside an honest client.</summary>
internal static class Attack
{
    // What a busy machine takes from the client once is not what the attack takes from it each time.
    private const int Tries = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Runs it; every honest upload gets its right verdict, memory stays under its bound, and the server serves on.
    /// </summary>
    /// <param name="server">Attacked.</param>
    /// <param name="injected">The row's first field.</param>
    /// <param name="expected">The row's second field.</param>
    /// <param name="attack">Says what it saw. Its token is cancelled when its time is over.</param>
    /// <param name="time">Of the attack.</param>
    /// <param name="maxGrowthMb">Most that resident memory may grow by meanwhile.</param>
    /// <param name="leastShare">Of the uploads that are answered in a time without the attack: how many must be in the
    /// attack's. Measured beside it, so that it holds on a slow machine too; one try of three is enough.</param>
    public static async Task<string> RunAsync(
        TestedServer server,
        string injected,
        string expected,
        Func<CancellationToken, Task<string>> attack,
        TimeSpan time,
        long maxGrowthMb,
        double leastShare = 0)
    {
        (string seen, double share) = await TryAsync(server, injected, expected, attack, time, maxGrowthMb);
        for (int tries = 1; share < leastShare && tries < Tries; tries++)
        {
            (seen, share) = await TryAsync(server, injected, expected, attack, time, maxGrowthMb);
        }

        Assert.True(share >= leastShare, seen);
        return seen;
    }

    private static async Task<(string Seen, double Share)> TryAsync(
        TestedServer server,
        string injected,
        string expected,
        Func<CancellationToken, Task<string>> attack,
        TimeSpan time,
        long maxGrowthMb)
    {
        double share;
        ProcessFigures before = server.Figures;
        long most = before.ResidentMb;
        string seen;
        await using (HonestClient honest = HonestClient.Start(server))
        {
            await Eventually.TrueAsync(() => honest.Answered > 20, "the honest client is served", Cancellation);
            double calm = await RateAsync(honest);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            over.CancelAfter(time);
            using var watch = new Timer(
                _ => most = Math.Max(most, server.Program.IsAlive ? server.Figures.ResidentMb : most),
                null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
            (int answered, long start) = (honest.Answered, Stopwatch.GetTimestamp());
            (int answeredAtEnd, long end) = (answered, long.MaxValue);
            using CancellationTokenRegistration atEnd = over.Token.Register(
                () => (answeredAtEnd, end) = (honest.Answered, Stopwatch.GetTimestamp()));
            try
            {
                seen = await attack(over.Token);
            }
            catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
            {
                seen = "attacked until its time was over";
            }

            share = over.IsCancellationRequested ? (answeredAtEnd - answered) / time.TotalSeconds / calm : 1;
            await Eventually.TrueAsync(
                () => honest.Answered > answered, "the honest client is still served", Cancellation);
            await honest.StopAsync();
            seen = $"{seen}; honest client: {honest.FiguresOf(start, end)}, {100 * share:F0} % of {calm:F0}/s"
                + $"; RSS {before.ResidentMb} to {most} MB"
                + (server.Abandoned > 0 ? $", {server.Abandoned} connections lost" : "");
            FaultRow.Seen(injected, expected, seen);
            Assert.Empty(honest.Wrong);
            Assert.Empty(honest.Failed);
        }

        await server.AssertServesAsync(Cancellation);
        Assert.InRange(most, 0, before.ResidentMb + maxGrowthMb);
        return (seen, share);
    }

    private static async Task<double> RateAsync(HonestClient honest)
    {
        (int answered, long start) = (honest.Answered, Stopwatch.GetTimestamp());
        await Task.Delay(500, Cancellation);
        return Math.Max(1, honest.Answered - answered) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
