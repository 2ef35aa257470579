using Spectre.Console;

namespace HashMatch.Cli.Output;

/// <summary>Shows how far work is that takes more than a second.</summary>
internal static class LongWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    // What is left when everything was read: sorting, writing, making it durable.
    private const string Storing = "all read, storing";

    /// <summary>Waits for work; draws a bar on a terminal, says a line every 5 seconds elsewhere.</summary>
    /// <param name="work">Already begun.</param>
    /// <param name="output">Where to show it.</param>
    /// <param name="what">What is being done, for a person.</param>
    /// <param name="done">How much is done.</param>
    /// <param name="total">How much there is; null when that is not known.</param>
    /// <param name="unit">Of what.</param>
    public static async Task<T> ShowAsync<T>(
        Task<T> work, ToolOutput output, string what, Func<long> done, long? total, string unit)
    {
        if (await EndsWithinAsync(work, Patience) || output.Json)
        {
            return await work;
        }

        if (output.CanDraw)
        {
            await DrawAsync(work, output, what, done, total);
        }
        else
        {
            do
            {
                string of = total is { } all && all > 0 ? $" of {all:N0} ({done() * 100 / all} %)" : "";
                output.Note(IsRead(done(), total) ? $"{what}: {Storing}" : $"{what}: {done():N0}{of} {unit}");
            }
            while (!await EndsWithinAsync(work, SayEvery));
        }

        return await work;
    }

    private static Task DrawAsync(Task work, ToolOutput output, string what, Func<long> done, long? total) =>
        new Progress(output.Notes)
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn(),
                new SpinnerColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(PlainText.Of(what)), maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                do
                {
                    task.Value = total is null ? 0 : done();
                    if (IsRead(done(), total))
                    {
                        task.Description = Markup.Escape(PlainText.Of($"{what}: {Storing}"));
                        task.IsIndeterminate = true;
                    }
                }
                while (!await EndsWithinAsync(work, RedrawEvery));
            });

    private static bool IsRead(long done, long? total) => total is { } all && done >= all;

    private static async Task<bool> EndsWithinAsync(Task work, TimeSpan time)
    {
        using var timer = new CancellationTokenSource();
        Task first = await Task.WhenAny(work, Task.Delay(time, timer.Token));
        await timer.CancelAsync();
        return first == work;
    }
}
