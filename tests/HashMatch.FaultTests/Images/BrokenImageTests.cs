using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Load.Broken;
using HashMatch.Tests;
using Xunit;

namespace HashMatch.FaultTests.Images;

/// <summary>Broken images through gRPC to the server as it is delivered; `bench/HashMatch.Load broken` sends more.
/// </summary>
public sealed class BrokenImageTests(ITestOutputHelper output)
{
    private const int Seed = 20261128;
    private const int Files = 15_000;

    // The goal is a second on a machine of one's own; a hang is one on any.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Budget = LongRuns.Time(TimeSpan.FromSeconds(40));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Mutations_of_every_format_are_answered_in_time() => SendAsync(
        "broken images", BrokenImages.Mutate(Seed, Samples()).Take(Files), least: 100);

    [Fact]
    public Task Bombs_are_answered_in_time() => SendAsync(
        "images that ask for a lot", LongRuns.IsAsked ? Bombs.All() : Bombs.Quick(), least: 20);

    private async Task SendAsync(string what, IEnumerable<BrokenImage> images, int least)
    {
        await using TestedServer server = await TestedServer.StartAsync(
            Cancellation, "--HashMatch:Images:Timeout=00:00:00.750");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(Budget);
        IReadOnlyList<BrokenAnswer> answers = await BrokenRun.RunAsync(
            $"{server.Address}", images, inFlight: 2, stop.Token);
        BrokenAnswer slowest = answers.MaxBy(answer => answer.Taken)!;
        string outcomes = string.Join(", ", answers.GroupBy(answer => answer.Outcome)
            .OrderByDescending(group => group.Count()).Select(group => $"{group.Key} {group.Count()}"));
        FaultRow.Seen(
            $"{answers.Count} {what}", "a verdict each, within a second, no crash",
            $"p100 {slowest.Taken.TotalMilliseconds:F0} ms ({slowest.Name}); {outcomes}");
        output.WriteLine($"seed {Seed}");
        Assert.True(answers.Count > least, $"Only {answers.Count} were answered in {Budget}.");
        Assert.All(answers, answer => Assert.True(answer.IsDefined, $"{answer.Name}: {answer.Outcome}"));
        Assert.True(slowest.Taken < Hang, $"{slowest.Name} took {slowest.Taken}.");
        await server.AssertServesAsync(Cancellation);
        await Eventually.TrueAsync(
            () => server.Figures.Zombies == 0, "no worker is left as a zombie", Cancellation);
    }

    private static IEnumerable<BrokenImage> Samples() => Conformance.IsThere
        ? Conformance.Rows("pdq-images.csv").Select(row => new BrokenImage(row[0], Conformance.Image(row[0])))
        : [];
}
