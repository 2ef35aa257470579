using System.Diagnostics;
using System.Globalization;
using System.Text;
using HashMatch.Gate.Measuring;

namespace HashMatch.Gate.Comparing;

/// <summary>A worker process of one side.</summary>
internal sealed class Contestant : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private Contestant(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_said)
            {
                _said.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Cases that this side knows.</summary>
    public IReadOnlyList<string> Cases { get; private set; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="side">What is measured.</param>
    /// <param name="environment">Settings of the runtime.</param>
    /// <param name="under">A program, with arguments, that it runs under.</param>
    /// <exception cref="GateException">It did not start, or speaks another language.</exception>
    public static async Task<Contestant> StartAsync(
        Side side, IReadOnlyDictionary<string, string> environment, params string[] under)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [.. under, dotnet, side.Program, "worker", side.Pictures, side.Lists];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        var contestant = new Contestant(
            Process.Start(start) ?? throw new GateException($"{command[0]} did not start."));
        try
        {
            string greeting = await contestant.ReadAsync();
            if (!greeting.StartsWith($"{GateWorker.Greeting} ", StringComparison.Ordinal))
            {
                throw new GateException($"{side.Program} greets with '{greeting}', not with '{GateWorker.Greeting}'.");
            }

            contestant.Cases = greeting.Split(' ')[2..];
            return contestant;
        }
        catch
        {
            contestant.Dispose();
            throw;
        }
    }

    /// <summary>Sets a case up and runs it until its code is on the way to its last tier.</summary>
    /// <returns>Nanoseconds of an operation, about.</returns>
    public async Task<long> OpenAsync(string name) =>
        long.Parse((await AskAsync($"open {name}"))[1], CultureInfo.InvariantCulture);

    /// <summary>Runs operations.</summary>
    public async Task<Slice> RunAsync(string name, int operations)
    {
        string[] words = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"run {name} {operations}"));
        return new Slice(
            long.Parse(words[1], CultureInfo.InvariantCulture),
            long.Parse(words[2], CultureInfo.InvariantCulture),
            [.. words[3].Split(',').Select(each => int.Parse(each, CultureInfo.InvariantCulture))]);
    }

    /// <summary>Managed bytes of an operation.</summary>
    public async Task<double> AllocatedAsync(string name) =>
        double.Parse((await AskAsync($"allocated {name}"))[1], CultureInfo.InvariantCulture);

    /// <summary>Runs operations that the valgrind around it counts, which writes how many they were.</summary>
    public async Task CountAsync(IEnumerable<string> names) => await AskAsync($"count {string.Join(' ', names)}");

    /// <summary>Ends the process by the end of its orders.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended.
        }

        if (!_process.WaitForExit(EndLimit))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task<string[]> AskAsync(string order)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(order);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // What it said last tells why it is gone.
        }

        string[] words = (await ReadAsync()).Split(' ');
        return words[0] == order.Split(' ')[0]
            ? words
            : throw new GateException($"'{order}' was answered by '{words[0]}'.");
    }

    private async Task<string> ReadAsync()
    {
        string? line;
        try
        {
            line = await _process.StandardOutput.ReadLineAsync().WaitAsync(AnswerLimit);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            line = null;
        }

        if (line is not null)
        {
            return line;
        }

        // Also the end of what it says.
        await _process.WaitForExitAsync();
        lock (_said)
        {
            throw new GateException($"A worker ended or did not answer.\n{_said}");
        }
    }
}
