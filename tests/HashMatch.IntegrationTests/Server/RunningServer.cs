using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Index;
using HashMatch.Server;
using HashMatch.Server.Admission;
using HashMatch.Server.Replica;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>A whole server in this process, on free ports, with clients for each of its services.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        string[] addresses = [.. app.Urls];
        Address = addresses[0];
        Channel = Connect();
        Matching = new V1.Matching.MatchingClient(Channel);
        Lists = new V1.HashLists.HashListsClient(Channel);
        Events = new V1.Events.EventsClient(Channel);
        Health = new Health.HealthClient(Channel);
        Json = new HttpClient { BaseAddress = new Uri(addresses[^1]) };
    }

    /// <summary>Where gRPC is served.</summary>
    public string Address { get; }

    public GrpcChannel Channel { get; }

    public V1.Matching.MatchingClient Matching { get; }

    public V1.HashLists.HashListsClient Lists { get; }

    public V1.Events.EventsClient Events { get; }

    public Health.HealthClient Health { get; }

    public HttpClient Json { get; }

    /// <summary>Uploads that the server has in hand.</summary>
    public int InHand => Admission.InHand;

    /// <summary>Where a test takes the server's room.</summary>
    public UploadAdmission Admission => _app.Services.GetRequiredService<UploadAdmission>();

    /// <summary>Saves of lists that failed.</summary>
    public long SnapshotFailures => _app.Services.GetRequiredService<SnapshotKeeper>().Failures;

    /// <summary>Whether uploads get verdicts.</summary>
    public bool IsMatching => _app.Services.GetRequiredService<IndexReadiness>().IsMatching;

    /// <summary>Whether it takes calls, for those that cannot ask it.</summary>
    public bool IsReady => _app.Services.GetRequiredService<IndexReadiness>().IsReady;

    /// <summary>From now on the index stays as it is, and gets old.</summary>
    public Task StopFollowingAsync() =>
        _app.Services.GetServices<IHostedService>().OfType<IndexRefresher>().Single()
            .StopAsync(CancellationToken.None);

    /// <summary>Takes the index away, as it is before it is loaded.</summary>
    public async Task UnloadAsync()
    {
        await StopFollowingAsync();
        _app.Services.GetRequiredService<CurrentIndex>().Dispose();
    }

    /// <summary>Starts a server; it listens, and may not be ready yet.</summary>
    public static async Task<RunningServer> StartAsync(
        string store, CancellationToken cancellation, params string[] settings)
    {
        WebApplication app = await ServerHost.BuildAsync(
            [
                "--store", store, "--listen", "http://127.0.0.1:0", "--listen-json", "http://127.0.0.1:0",
                // Tests of who may ask what say otherwise.
                "--HashMatch:Access:Open=true",
                "--Logging:LogLevel:Default=None", "--Logging:LogLevel:HashMatch=None",
                // A loaded machine must not turn a picture into one that cannot be hashed.
                "--HashMatch:Images:Timeout=00:02:00",
                // Nor its store into one that is silent.
                "--HashMatch:StoreSilence=00:00:02",
                .. settings,
            ],
            cancellation);
        await app.StartAsync(cancellation);
        return new RunningServer(app);
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<RunningServer> StartReadyAsync(
        string store, CancellationToken cancellation, params string[] settings)
    {
        RunningServer server = await StartAsync(store, cancellation, settings);
        await server.ReadyAsync(cancellation);
        return server;
    }

    /// <summary>A connection of its own.</summary>
    public GrpcChannel Connect() => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
    });

    /// <summary>Waits until the server is ready.</summary>
    public Task ReadyAsync(CancellationToken cancellation) => Eventually.TrueAsync(
        async () => await HealthOfAsync("", cancellation) == HealthCheckResponse.Types.ServingStatus.Serving,
        "the server is ready", cancellation);

    public async Task<HealthCheckResponse.Types.ServingStatus> HealthOfAsync(
        string service, CancellationToken cancellation) =>
        (await Health.CheckAsync(
            new HealthCheckRequest { Service = service }, cancellationToken: cancellation)).Status;

    /// <summary>Stages entries into a new version of a list.</summary>
    public async Task<V1.StageVersionResponse> StageAsync(
        string list, IEnumerable<V1.Entry> entries, CancellationToken cancellation, bool skipInvalid = false)
    {
        using var call = Lists.StageVersion(cancellationToken: cancellation);
        V1.StageVersionRequest[] parts =
        [
            new V1.StageVersionRequest
            {
                Header = new V1.StageVersionRequest.Types.Header
                {
                    List = list,
                    Source = "test",
                    SkipInvalid = skipInvalid,
                },
            },
            .. entries.Chunk(1000).Select(batch => new V1.StageVersionRequest
            {
                Batch = new V1.StageVersionRequest.Types.Batch { Entries = { batch } },
            }),
        ];
        return await call.SendAsync(parts, cancellation);
    }

    /// <summary>Stages, activates, and waits until this server matches against the version.</summary>
    /// <returns>The version's number.</returns>
    public async Task<ulong> LoadAsync(string list, IEnumerable<V1.Entry> entries, CancellationToken cancellation)
    {
        ulong version = (await StageAsync(list, entries, cancellation)).Version.Version;
        await Lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = list, Version = version }, cancellationToken: cancellation);
        await SeesAsync(list, version, cancellation);
        return version;
    }

    /// <summary>Creates a list and loads its first version.</summary>
    public async Task CreateAsync(
        string list, V1.Policy? policy, IEnumerable<V1.Entry> entries, CancellationToken cancellation)
    {
        await Lists.CreateListAsync(
            new V1.CreateListRequest { Name = list, Policy = policy }, cancellationToken: cancellation);
        await LoadAsync(list, entries, cancellation);
    }

    /// <summary>Waits until this server matches against a version of a list; 0: against none.</summary>
    public Task SeesAsync(string list, ulong version, CancellationToken cancellation) => Eventually.TrueAsync(
        async () => (await VersionsAsync(cancellation)).GetValueOrDefault(list) == version,
        $"version {version} of {list} is matched against", cancellation);

    /// <summary>The versions that this server matches against.</summary>
    public async Task<Dictionary<string, ulong>> VersionsAsync(CancellationToken cancellation)
    {
        try
        {
            V1.MatchResponse seen = await MatchHashAsync(new string('5', 64), cancellation);
            return seen.ListVersions.ToDictionary(v => v.List, v => v.Version);
        }
        catch (RpcException e) when (Statuses.ReasonOf(e) == "NO_ACTIVE_LISTS")
        {
            return [];
        }
    }

    /// <summary>The verdict on one ready-made hash.</summary>
    public async Task<V1.MatchResponse> MatchHashAsync(string pdq, CancellationToken cancellation) =>
        (await Matching.MatchHashesAsync(
            new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = pdq } } },
            cancellationToken: cancellation)).Results.Single();

    /// <summary>The verdict on one image.</summary>
    public async Task<V1.MatchResponse> MatchAsync(
        byte[] image, CancellationToken cancellation, V1.MatchOptions? options = null) =>
        await Matching.MatchAsync(
            new V1.MatchRequest { Image = Google.Protobuf.ByteString.CopyFrom(image), Options = options },
            cancellationToken: cancellation);

    /// <summary>Waits until nothing is in hand.</summary>
    public Task IdleAsync(CancellationToken cancellation) =>
        Eventually.TrueAsync(() => InHand == 0, "every place is free again", cancellation);

    public async ValueTask DisposeAsync()
    {
        Json.Dispose();
        Channel.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
