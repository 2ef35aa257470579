using HashMatch.FaultTests.Serving;
using HashMatch.Load.Soak;
using Xunit;

namespace HashMatch.FaultTests.Soak;

/// <summary>A minute of the soak that `bench/HashMatch.Load soak --for 1h` runs for an hour or a day.</summary>
public sealed class ShortSoakTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Time = LongRuns.Time(TimeSpan.FromSeconds(60));

    // A minute is mostly warm-up: what is held must not run away in it.
    private const double MostMb = 400;
    private const int MostHandles = 200;
    private const int MostThreads = 60;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_handles_and_threads_do_not_run_away_under_mixed_traffic()
    {
        await using TestedServer server = await TestedServer.StartAsync(Cancellation);
        var traffic = new SoakTraffic($"{server.Address}");
        output.WriteLine(SoakReport.Header);
        IReadOnlyList<SoakSample> samples = await SoakRun.RunAsync(
            traffic, server.Program.ProcessId, Time, sample => output.WriteLine(SoakReport.Line(sample)));
        _ = SoakReport.Judge(samples, output.WriteLine);
        SoakSample[] steady = [.. samples.Where(sample => sample.At >= Time * SoakReport.WarmUp)];
        (SoakSample first, SoakSample last) = (steady[0], steady[^1]);
        FaultRow.Seen(
            $"mixed traffic for {Time}", "memory, handles and threads are flat",
            $"{last.Calls} calls; after the warm-up RSS {first.ResidentMb:F0} to {last.ResidentMb:F0} MB, handles "
            + $"{first.Handles} to {last.Handles}, threads {first.Threads} to {last.Threads}");
        Assert.Empty(traffic.Faults);
        Assert.InRange(last.ResidentMb, 0, first.ResidentMb + MostMb);
        Assert.InRange(last.Handles, 0, first.Handles + MostHandles);
        Assert.InRange(last.Threads, 0, first.Threads + MostThreads);
        await server.AssertServesAsync(Cancellation);
    }
}
