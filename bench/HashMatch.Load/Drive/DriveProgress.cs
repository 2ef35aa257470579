using System.Globalization;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>Says how far a run is: a line that is drawn over on a terminal, one every few seconds elsewhere.</summary>
/// <param name="writer">Where.</param>
/// <param name="isTerminal">Whether a line can be drawn over.</param>
internal sealed class DriveProgress(TextWriter writer, bool isTerminal)
{
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    /// <summary>A line.</summary>
    public void Say(string text) => writer.WriteLine(text);

    /// <summary>Waits for a phase and shows what it comes to.</summary>
    /// <param name="what">The phase, in words.</param>
    /// <param name="record">Takes its calls.</param>
    /// <param name="phase">Has begun.</param>
    public async Task ShowAsync(string what, PhaseRecord record, Task phase)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var timer = new CancellationTokenSource();
            Task first = await Task.WhenAny(phase, Task.Delay(isTerminal ? DrawEvery : SayEvery, timer.Token));
            await timer.CancelAsync();
            if (first == phase)
            {
                break;
            }

            string line = Line(what, record, TimeProvider.System.GetElapsedTime(start));
            if (isTerminal)
            {
                writer.Write($"\r{line}\e[K");
            }
            else
            {
                writer.WriteLine($"  {line}");
            }
        }

        await phase;
        writer.WriteLine($"{(isTerminal ? "\r" : "")}{Line(what, record, record.Elapsed)}{(isTerminal ? "\e[K" : "")}");
    }

    private static string Line(string what, PhaseRecord record, TimeSpan elapsed)
    {
        double perSecond = record.Answered / Math.Max(elapsed.TotalSeconds, 0.001);
        string bad = record.Failed + record.Wrong > 0
            ? string.Create(CultureInfo.InvariantCulture, $", {record.Failed} FAILED, {record.Wrong} WRONG")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {elapsed.TotalSeconds:0} s, {perSecond:N0} calls/s, p50 {Ms(record, 50):0.00}, "
            + $"p99 {Ms(record, 99):0.00} ms{bad}");
    }

    private static double Ms(PhaseRecord record, double percent) => record.AnsweredAt(percent).TotalMilliseconds;
}
