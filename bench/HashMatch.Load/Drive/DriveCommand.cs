using System.Reflection;
using System.Text;
using HashMatch.Cli.Driving;
using HashMatch.Load.Words;
using HashMatch.Pdq;

namespace HashMatch.Load.Drive;

/// <summary>Draws what is sent, opens the services, measures, and writes the results.</summary>
/// <param name="options">What and whom.</param>
/// <param name="output">Gets the tables.</param>
/// <param name="error">Gets the progress.</param>
internal sealed class DriveCommand(DriveOptions options, TextWriter output, TextWriter error)
{
    /// <summary>Right when no call failed and no answer was wrong, however quick they were.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var progress = new DriveProgress(error, error == Console.Error && !Console.IsErrorRedirected);
        DateTimeOffset startedAt = TimeProvider.System.GetUtcNow();
        double? load = Machine.Load();
        var pool = new ItemPool(options);
        List<(LoadCase Case, LoadPlan Plan)> plans = [];
        foreach (LoadCase each in options.Cases)
        {
            LoadPlan plan = pool.Make(each);
            progress.Say($"{each.Name}: made {plan.All.Count()} distinct calls");
            plans.Add((each, plan));
            cancellation.ThrowIfCancellationRequested();
        }

        if (options.ListTo is { } file)
        {
            await WriteListAsync(file, pool.Planted, cancellation);
            return LoadTool.Right;
        }

        List<ITarget> targets = [];
        try
        {
            foreach (TargetSpec target in new[] { options.A, options.B }.OfType<TargetSpec>())
            {
                progress.Say($"{(targets.Count == 0 ? "A" : "B")} is {target.Name}");
                targets.Add(await target.OpenAsync(options, pool.Planted, cancellation));
            }

            var run = new DriveRun(options, targets, progress);
            foreach ((LoadCase each, LoadPlan plan) in plans)
            {
                await run.MeasureAsync(each, plan, cancellation);
            }

            DriveResults results = run.Results(startedAt, load, Version());
            await WriteAsync(results, cancellation);
            if (results.Bad == 0)
            {
                return LoadTool.Right;
            }

            foreach (ITarget target in targets.Where(target => target.Said is not null))
            {
                progress.Say($"{target.Name} said last:\n{target.Said}");
            }

            return LoadTool.Wrong;
        }
        finally
        {
            foreach (ITarget target in targets)
            {
                await target.DisposeAsync();
            }
        }
    }

    private static string Version() => Assembly.GetExecutingAssembly()
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private async Task WriteAsync(DriveResults results, CancellationToken cancellation)
    {
        string table = ResultTable.Of(results);
        await output.WriteLineAsync(table);
        if (options.Results is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "results.json"), results.ToJson(), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "results.md"), table, cancellation);
        foreach ((string name, string svg) in ResultPlots.Of(results))
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), svg, cancellation);
        }
    }

    // CSV as `hashmatch lists load` reads it.
    private async Task WriteListAsync(string file, IReadOnlyList<PdqHash> planted, CancellationToken cancellation)
    {
        var hashes = new BalancedHashes(options.Seed);
        await using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false));
        await writer.WriteLineAsync("type,value,external_id".AsMemory(), cancellation);
        for (int number = 0; number < options.Entries; number++)
        {
            await writer.WriteLineAsync($"pdq,{hashes[number]},{BalancedHashes.ExternalId(number)}");
        }

        for (int number = 0; number < planted.Count; number++)
        {
            await writer.WriteLineAsync($"pdq,{planted[number]},p{number}");
        }
    }
}
