namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>The `hashmatch` tool as the program that it is, in a process of its own.</summary>
public static class HashMatchTool
{
    /// <summary>Starts `hashmatch ARGUMENTS --store ADDRESS`.</summary>
    public static ServerProcess Start(string store, params string[] arguments) => ServerProcess.Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "hashmatch.dll"), .. arguments, "--store", store]);

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string store, CancellationToken cancellation, params string[] arguments)
    {
        using ServerProcess process = Start(store, arguments);
        process.Input.Close();
        return (await process.EndAsync(cancellation), process.Output);
    }
}
