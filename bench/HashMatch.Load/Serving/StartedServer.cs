using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using HashMatch.Load.Hashes;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Load.Serving;

/// <summary>A server process, over a temporary SQLite store with one list or over a store that is there; what it made
/// goes when it is disposed.</summary>
internal sealed partial class StartedServer : IAsyncDisposable
{
    private const string List = "load";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hashmatch-load");
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _said = new();
    private string? _address;
    private bool _isReady;

    private StartedServer()
    {
    }

    /// <summary>Where it serves gRPC.</summary>
    public string Address { get; private set; } = "";

    public Process? Process { get; private set; }

    /// <summary>Loads the entries and starts a server that is ready.</summary>
    /// <exception cref="InvalidOperationException">It did not become ready; the message holds its own.</exception>
    public static async Task<StartedServer> StartAsync(HashesOptions options, CancellationToken cancellation)
    {
        var server = new StartedServer();
        try
        {
            string store = $"sqlite:{server._folder.FullName}";
            await LoadAsync(store, options.Entries, options.Seed, cancellation);
            server.Address = await server.RunAsync(store, options.Server, options.Settings, null)
                .WaitAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a server that is ready over a store that has its lists.</summary>
    /// <exception cref="InvalidOperationException">It did not become ready; the message holds its own.</exception>
    public static async Task<StartedServer> StartAsync(string store, CancellationToken cancellation)
    {
        var server = new StartedServer();
        try
        {
            server.Address = await server.RunAsync(store, new HashesOptions().Server, [], null).WaitAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads random entries and starts a server that is ready, with these settings.</summary>
    /// <param name="entries">PDQ hashes of its one list.</param>
    /// <param name="settings">Arguments of the server.</param>
    /// <param name="processor">The one that it may use; null for all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It did not become ready; the message holds its own.</exception>
    public static async Task<StartedServer> StartAsync(
        int entries, IReadOnlyList<string> settings, int? processor, CancellationToken cancellation)
    {
        var server = new StartedServer();
        try
        {
            string store = $"sqlite:{server._folder.FullName}";
            await LoadAsync(store, entries, 1, cancellation);
            server.Address = await server.RunAsync(store, new HashesOptions().Server, settings, processor)
                .WaitAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static async Task LoadAsync(string address, int entries, int seed, CancellationToken cancellation)
    {
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        Check(await catalog.CreateAsync(List, "", new MatchPolicy(), cancellation));
        StageResult staged = Check(await catalog.StageAsync(
            List,
            new BalancedHashes(seed).LinesAsync(entries),
            new StageOptions { Source = "load" },
            null,
            cancellation));
        Check(await catalog.ActivateAsync(List, staged.Version!.Number, null, cancellation));
    }

    private static T Check<T>(CatalogResult<T> result)
        where T : class => result.Value ?? throw new InvalidOperationException(result.Message);

    private Task<string> RunAsync(string store, string server, IReadOnlyList<string> settings, int? processor)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments =
        [
            server, "--store", store, "--listen", "http://127.0.0.1:0", "--listen-json", "",
            "--HashMatch:Access:Open=true", .. settings,
        ];
        ProcessStartInfo start = processor is { } one
            ? new ProcessStartInfo("taskset", ["-c", $"{one}", dotnet, .. arguments])
            : new ProcessStartInfo(dotnet, arguments);
        start.RedirectStandardOutput = true;
        Process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        Process.EnableRaisingEvents = true;
        Process.Exited += (_, _) =>
        {
            // Also the end of its output.
            Process.WaitForExit();
            _ready.TrySetException(new InvalidOperationException($"The server ended.\n{_said}"));
        };
        Process.OutputDataReceived += (_, line) => Read(line.Data ?? "");
        Process.BeginOutputReadLine();
        return _ready.Task;
    }

    // It listens before it is ready, or the other way round.
    private void Read(string line)
    {
        _address ??= UrlPattern().Match(line) is { Success: true } url ? url.Value : null;
        _isReady |= line.Contains(" Ready;", StringComparison.Ordinal);
        if (_isReady && _address is { } address)
        {
            _ready.TrySetResult(address);
        }
        else
        {
            _said.AppendLine(line);
        }
    }

    [GeneratedRegex(@"http://[0-9.]+:[0-9]+")]
    private static partial Regex UrlPattern();
}
