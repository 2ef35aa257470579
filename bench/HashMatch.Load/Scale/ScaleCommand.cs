using HashMatch.Load.Words;

namespace HashMatch.Load.Scale;

/// <summary>Computes, simulates, and writes the results.</summary>
internal static class ScaleCommand
{
    /// <summary>Right, unless the costs cannot be read.</summary>
    public static async Task<int> RunAsync(ScaleOptions options, TextWriter output, CancellationToken cancellation)
    {
        MeasuredCosts costs = options.Costs is { } file ? MeasuredCosts.Read(file) : new MeasuredCosts();
        ScaleResults results = new ScaleRun(costs, options).Run(cancellation);
        string table = ScaleTable.Of(results);
        await output.WriteLineAsync(table);
        if (options.Results is { } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "results.json"), results.ToJson(), cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder, "results.md"), table, cancellation);
        }

        return LoadTool.Right;
    }
}
