using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using HashMatch.Cli.Serving;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Driving;

/// <summary>A server process, over a temporary SQLite store with one list or over a store that is there; what it made
/// goes when it is disposed.</summary>
internal sealed partial class StartedServer : IAsyncDisposable
{
    private const string List = "load";
    private const int KeptLines = 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hashmatch-load");
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _said = new();
    private readonly ServerOrder _order;
    private string? _url;
    private bool _isReady;

    private StartedServer(ServerOrder order)
    {
        _order = order;
        _url = order.Transport == ServerTransport.Unix ? $"unix:{PathOf("grpc.sock")}" : null;
    }

    /// <summary>Where it serves gRPC.</summary>
    public ServerAddress Address { get; private set; } = new("");

    public Process Process { get; private set; } = null!;

    /// <summary>The last lines that it printed.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>Loads the entries and starts a server that is ready.</summary>
    /// <exception cref="InvalidOperationException">It did not become ready; the message holds its own.</exception>
    public static async Task<StartedServer> StartAsync(ServerOrder order, CancellationToken cancellation)
    {
        var server = new StartedServer(order);
        try
        {
            string store = order.Store ?? $"sqlite:{server._folder.FullName}";
            if (order.Store is null)
            {
                await server.LoadAsync(store, cancellation);
            }

            string? certificate = order.Transport == ServerTransport.Tls ? server.MakeCertificate() : null;
            server.Run(store, certificate);
            server.Address = new ServerAddress(await server._ready.Task.WaitAsync(cancellation), certificate);
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

    private async Task LoadAsync(string address, CancellationToken cancellation)
    {
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        Check(await catalog.CreateAsync(List, "", new MatchPolicy(), cancellation));
        StageResult staged = Check(await catalog.StageAsync(
            List,
            new BalancedHashes(_order.Seed).LinesAsync(_order.Entries, _order.Planted),
            new StageOptions { Source = "load" },
            null,
            cancellation));
        Check(await catalog.ActivateAsync(List, staged.Version!.Number, null, cancellation));
    }

    private static T Check<T>(CatalogResult<T> result)
        where T : class => result.Value ?? throw new InvalidOperationException(result.Message);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Run(string store, string? certificate)
    {
        string listen = _order.Transport switch
        {
            ServerTransport.Tls => "https://127.0.0.1:0",
            ServerTransport.Unix => _url!,
            _ => "http://127.0.0.1:0",
        };
        string[] arguments =
        [
            _order.Assembly, "--store", store, "--listen", listen, "--listen-json", "",
            "--HashMatch:Access:Open=true",
            .. certificate is null
                ? (string[])[]
                :
                [
                    $"--HashMatch:Tls:CertificatePath={certificate}",
                    $"--HashMatch:Tls:KeyPath={PathOf("key.pem")}",
                ],
            .. _order.Settings,
        ];
        ProcessStartInfo start = _order.Processor is { } one
            ? new ProcessStartInfo("taskset", ["-c", $"{one}", Programs.Dotnet, .. arguments])
            : new ProcessStartInfo(Programs.Dotnet, arguments);
        start.RedirectStandardOutput = true;
        Process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        Process.EnableRaisingEvents = true;
        Process.Exited += (_, _) =>
        {
            // Also the end of its output.
            Process.WaitForExit();
            _ready.TrySetException(new InvalidOperationException($"The server ended.\n{Said}"));
        };
        Process.OutputDataReceived += (_, line) => Read(line.Data ?? "");
        Process.BeginOutputReadLine();
    }

    // It listens before it is ready, or the other way round.
    private void Read(string line)
    {
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > KeptLines)
            {
                _said.Dequeue();
            }
        }

        if (_ready.Task.IsCompleted)
        {
            return;
        }

        _url ??= UrlPattern().Match(line) is { Success: true } url ? url.Value : null;
        _isReady |= line.Contains(" Ready;", StringComparison.Ordinal);
        if (_isReady && _url is { } address)
        {
            _ready.TrySetResult(address);
        }
    }

    // It signs itself, so that whoever trusts it trusts no other.
    private string MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hashmatch-load", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(PathOf("key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf("certificate.pem"), certificate.ExportCertificatePem());
        return PathOf("certificate.pem");
    }

    [GeneratedRegex(@"https?://[0-9.]+:[0-9]+")]
    private static partial Regex UrlPattern();
}
