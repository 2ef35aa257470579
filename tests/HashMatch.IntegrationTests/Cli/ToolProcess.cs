using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>The built tool as processes of its own, over one SQLite store in a folder of the test.</summary>
internal sealed class ToolProcess : IDisposable
{
    private const int Sigint = 2;
    private const int Sigterm = 15;

    // What runs in the background of a script ignores Ctrl-C, and so does every program that it starts.
    private static readonly bool IgnoresInterrupts = OperatingSystem.IsLinux()
        && (IgnoredSignals() & (1UL << (Sigint - 1))) != 0;

    private readonly Dictionary<string, string?> _variables;

    public ToolProcess(string? store = null)
    {
        Store = store ?? "sqlite:" + Folder["store"];
        _variables = new() { ["HASHMATCH__STORE"] = Store, ["HASHMATCH_SERVER"] = null, ["NO_COLOR"] = null };
    }

    public TemporaryFolder Folder { get; } = new();

    /// <summary>The store's address.</summary>
    public string Store { get; }

    /// <summary>The server that the tool goes through; null for the store itself.</summary>
    public string? Server
    {
        get => _variables["HASHMATCH_SERVER"];
        set => _variables["HASHMATCH_SERVER"] = value;
    }

    /// <summary>Sets a variable of the processes that are started from now on.</summary>
    public void Set(string name, string value) => _variables[name] = value;

    public Task<ToolResult> RunAsync(CancellationToken cancellation, params string[] args) =>
        RunAsync(Start(args), cancellation);

    /// <summary>Waits for a process that was started with <see cref="Start"/>, and takes what it said.</summary>
    public static async Task<ToolResult> RunAsync(Process started, CancellationToken cancellation)
    {
        using Process process = started;
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Starts the tool with its standard streams redirected; the caller ends it.</summary>
    public Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(IgnoresInterrupts ? "env" : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = Folder.Path,
        };
        if (IgnoresInterrupts)
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add("dotnet");
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hashmatch.dll"));
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach ((string name, string? value) in _variables)
        {
            start.Environment.Remove(name);
            if (value is not null)
            {
                start.Environment[name] = value;
            }
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The tool did not start.");
    }

    /// <summary>What Ctrl-C sends.</summary>
    public static void Interrupt(Process process) => _ = SendSignal(process.Id, Sigint);

    /// <summary>What a service's manager sends.</summary>
    public static void Terminate(Process process) => _ = SendSignal(process.Id, Sigterm);

    /// <summary>Writes a file into the test's folder.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] bytes)
    {
        string path = Folder[name];
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <inheritdoc cref="Write(string, byte[])"/>
    public string Write(string name, params IEnumerable<string> lines) =>
        Write(name, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    /// <summary>Reads a list from the store, not through the tool; null when there is none.</summary>
    public async Task<HashList?> ListAsync(string name, CancellationToken cancellation)
    {
        await using IListStore store = await ListStores.OpenAsync(Store, TimeProvider.System, cancellation);
        return (await new ListCatalog(store, TimeProvider.System).ReadAsync(name, cancellation)).Value;
    }

    public void Dispose() => Folder.Dispose();

    private static ulong IgnoredSignals() => Convert.ToUInt64(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..]
            .Trim(),
        16);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
