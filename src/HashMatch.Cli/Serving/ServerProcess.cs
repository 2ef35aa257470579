using System.Diagnostics;
using System.Globalization;

namespace HashMatch.Cli.Serving;

/// <summary>Starts the server: in place of this process, or as a child of it.</summary>
internal static class ServerProcess
{
    /// <summary>Longest time that a server gets to drain before it is ended by force.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Becomes the server; where processes cannot be replaced, runs it and waits.</summary>
    /// <returns>The server's exit code.</returns>
    /// <exception cref="FailureException">It cannot be run.</exception>
    public static async Task<int> BecomeAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        // A signal that this process has taken would not reach the server.
        cancellation.ThrowIfCancellationRequested();
        SwitchDiagnosticsOff();
        if (!OperatingSystem.IsWindows())
        {
            Posix.Replace(Programs.Dotnet, [Programs.ServerAssembly, .. arguments]);
        }

        using Process server = Start(Programs.Dotnet, [Programs.ServerAssembly, .. arguments]);
        try
        {
            await server.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The console has told the server too.
            await server.WaitForExitAsync(CancellationToken.None);
        }

        return server.ExitCode;
    }

    /// <summary>Starts the server as a child, with this process's standard streams.</summary>
    public static Process StartServer(IReadOnlyList<string> arguments)
    {
        SwitchDiagnosticsOff();
        return Start(Programs.Dotnet, [Programs.ServerAssembly, .. arguments]);
    }

    /// <summary>Starts this tool as a child.</summary>
    public static Process StartTool(IReadOnlyList<string> arguments)
    {
        (string path, string[] first) = Programs.Itself;
        return Start(path, [.. first, .. arguments]);
    }

    /// <summary>Asks a server to end and waits for it.</summary>
    public static async Task StopAsync(Process server)
    {
        if (server.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            server.Kill();
        }
        else
        {
            Posix.Terminate(server.Id);
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await server.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Whether a process is there.</summary>
    public static bool IsAlive(int processId)
    {
        if (!OperatingSystem.IsWindows())
        {
            return Posix.IsAlive(processId);
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>A process id as an argument.</summary>
    public static string IdText(int processId) => processId.ToString(CultureInfo.InvariantCulture);

    // Its port would give a dump of the server, uploads and all, to whoever runs as this user. Who sets it himself has
    // it.
    private static void SwitchDiagnosticsOff()
    {
        const string name = "DOTNET_EnableDiagnostics";
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, "0");
        }
    }

    private static Process Start(string path, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(path) { UseShellExecute = false };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)
            ?? throw new FailureException(new Failure("NOT_STARTED", $"'{path}' cannot be run."));
    }
}
