using System.Diagnostics;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Hashes;

/// <summary>Ready-made hashes through MatchHashes of a server process, from this one.</summary>
internal static class HashesCommand
{
    /// <summary>0 when every call was answered, and rightly.</summary>
    public static async Task<int> RunAsync(HashesOptions options, CancellationToken end)
    {
        await using StartedServer? started =
            options.Address is null ? await StartedServer.StartAsync(options.Order, end) : null;
        using var run = new HashesRun(options, started?.Address ?? new ServerAddress(options.Address!));
        (HashesFigures figures, ProcessTime? server, ProcessTime client) =
            await MeasureAsync(run, options, started?.Process, end);
        HashesReport.Write(options, figures, server, client);
        return figures.Wrong is null && figures.Errors.Count == 0 ? 0 : 1;
    }

    private static async Task<(HashesFigures Figures, ProcessTime? Server, ProcessTime Client)> MeasureAsync(
        HashesRun run, HashesOptions options, Process? process, CancellationToken cancellation)
    {
        using var itself = Process.GetCurrentProcess();
        Task ended = run.StartAsync(cancellation);
        await Task.WhenAny(Task.Delay(options.WarmUp, cancellation), ended);
        run.Measure();
        ProcessTime? server = process is null ? null : ProcessTime.Of(process);
        var client = ProcessTime.Of(itself);
        await Task.WhenAny(Task.Delay(options.Measured, cancellation), ended);
        HashesFigures figures = run.Stop();
        server = process is null ? null : ProcessTime.Of(process) - server;
        client = ProcessTime.Of(itself) - client;
        await ended;
        cancellation.ThrowIfCancellationRequested();
        return (figures with { Errors = run.Errors, Wrong = run.Wrong }, server, client);
    }
}
