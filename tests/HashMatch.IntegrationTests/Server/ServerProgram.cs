using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

/// <summary>The server as the program that it is; everything that it prints is kept.</summary>
internal sealed partial class ServerProgram : IDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServerProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Number of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it has not ended.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>All that it printed so far.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>gRPC first.</summary>
    public string[] Addresses => [.. Address().Matches(Output).Select(match => match.Value)];

    /// <summary>Time that it had of the processors, its workers left out.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Ids of the processes that it started; Linux only.</summary>
    public int[] Children =>
    [
        .. Directory.EnumerateDirectories($"/proc/{_process.Id}/task")
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)),
    ];

    /// <summary>Starts it with these arguments.</summary>
    public static ServerProgram Start(params string[] arguments) =>
        Start(new Dictionary<string, string>(), arguments);

    /// <summary>Starts it in an environment of its own.</summary>
    public static ServerProgram Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "HashMatch.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."));
    }

    /// <summary>Starts it on free ports and waits until it is ready.</summary>
    public static Task<ServerProgram> StartReadyAsync(
        string store, CancellationToken cancellation, params string[] arguments) =>
        StartReadyAsync(new Dictionary<string, string>(), store, cancellation, arguments);

    /// <summary>Likewise, in an environment of its own.</summary>
    public static async Task<ServerProgram> StartReadyAsync(
        IReadOnlyDictionary<string, string> environment,
        string store,
        CancellationToken cancellation,
        params string[] arguments)
    {
        ServerProgram program = Start(
            environment,
            [
                "--store", store, "--listen", "http://127.0.0.1:0", "--listen-json", "http://127.0.0.1:0",
                "--HashMatch:Access:Open=true",
                // A loaded machine must not turn a picture into one that cannot be hashed.
                "--HashMatch:Images:Timeout=00:02:00",
                .. arguments,
            ]);
        try
        {
            await Eventually.TrueAsync(
                () => program._process.HasExited
                    || program.Output.Contains("Ready; matching", StringComparison.Ordinal),
                "the server is ready", cancellation);
            Assert.False(program._process.HasExited, program.Output);
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Sends any signal.</summary>
    public void Signal(int number) => _ = SendSignal(_process.Id, number);

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Pause() => _ = SendSignal(_process.Id, SigStop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => _ = SendSignal(_process.Id, SigCont);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits until it ends.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        await Eventually.TrueAsync(() => _process.HasExited, "the program ends", cancellation);
        // Also the end of its output.
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    [GeneratedRegex(@"https?://[0-9.]+:[0-9]+")]
    private static partial Regex Address();
}
