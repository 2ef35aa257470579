using System.Diagnostics;
using HashMatch.FaultTests.Serving;

namespace HashMatch.Load.Soak;

/// <summary>Traffic and samples, for a time.</summary>
internal static class SoakRun
{
    private const int Samples = 120;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    /// <param name="traffic">What is done meanwhile.</param>
    /// <param name="process">The server's number.</param>
    /// <param name="time">How long.</param>
    /// <param name="write">Gets each sample as it is taken.</param>
    /// <returns>The samples; fewer when the server ended.</returns>
    public static async Task<IReadOnlyList<SoakSample>> RunAsync(
        SoakTraffic traffic, int process, TimeSpan time, Action<SoakSample> write)
    {
        TimeSpan every = TimeSpan.FromTicks(
            Math.Clamp((time / Samples).Ticks, Shortest.Ticks, Longest.Ticks));
        using var stop = new CancellationTokenSource();
        Task work = traffic.RunAsync(stop.Token);
        List<SoakSample> samples = [];
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                await Task.Delay(every);
                samples.Add(Sample(traffic, process, Stopwatch.GetElapsedTime(start)));
                write(samples[^1]);
            }
        }
        catch (IOException)
        {
            // The process is gone.
        }

        await stop.CancelAsync();
        await work;
        return samples;
    }

    private static SoakSample Sample(SoakTraffic traffic, int process, TimeSpan at)
    {
        ProcessFigures figures = ProcessFigures.Read(process);
        double workers = 0;
        foreach (int worker in figures.Children)
        {
            try
            {
                workers += ProcessFigures.Read(worker).ResidentBytes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        const double mb = 1024 * 1024;
        return new SoakSample(
            at, figures.ResidentBytes / mb, workers / mb, figures.Handles, figures.Threads, figures.Children.Count,
            figures.Zombies, traffic.Calls);
    }
}
