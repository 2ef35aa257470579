using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Recovery;
using HashMatch.Matching.Stores;
using HashMatch.Proto.V1;
using HashMatch.Server.Access;
using HashMatch.Server.Admission;
using HashMatch.Server.Auditing;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Exchanging;
using HashMatch.Server.Health;
using HashMatch.Server.Memory;
using HashMatch.Server.Recording;
using HashMatch.Server.Replica;
using HashMatch.Server.Services;
using HashMatch.Server.Telemetry;
using HashMatch.Uploads;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HashMatch.Server;

/// <summary>Puts the server together.</summary>
public static class ServerHost
{
    /// <summary>A server that is ready to be started, with its store open.</summary>
    /// <param name="arguments">`--store`, `--listen`, `--listen-json` or `--HashMatch:NAME=VALUE`.</param>
    /// <param name="cancellation">Ends the opening of the store.</param>
    /// <exception cref="ConfigurationException">The settings cannot be served.</exception>
    /// <exception cref="StoreUnavailableException">The store's folder cannot be used.</exception>
    public static async Task<WebApplication> BuildAsync(string[] arguments, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        ServerSettings.AddSources(builder.Configuration, arguments);
        ServerOptions options = ServerSettings.Read(builder.Configuration);
        builder.Logging.AddServerLog(options.Telemetry.Logs);
        AddListeners(builder.WebHost, options);
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = options.DrainDelay + options.DrainTimeout);
        builder.Services.AddSingleton(options);
        SnapshotFolder? saved = SnapshotSource.Open(options.Snapshot);
        AddDomain(builder.Services, await OpenStoreAsync(options, cancellation), options);
        AddSaved(builder.Services, saved);
        AddRpc(builder.Services, options);
        builder.Services.AddTelemetry(options.Telemetry);
        builder.Services.AddAccess(options);
        WebApplication app = builder.Build();
        Map(app, options);
        return app;
    }

    // Base64 takes 4 characters for 3 bytes.
    private static long MaxBodyBytes(ServerOptions options) =>
        (((long)options.Images.MaxImageBytes + 2) / 3 * 4) + ServerOptions.MessageOverheadBytes;

    private static async Task<IListStore> OpenStoreAsync(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            IListStore store = await ListStores.OpenAsync(options.Store, TimeProvider.System, cancellation);
            (store as RedisListStore)?.KeepPulse(options.StoreSilence);
            return store;
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"HashMatch:Store: {e.Message}", e);
        }
    }

    private static void AddDomain(IServiceCollection services, IListStore store, ServerOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        // Made by a factory, so that the host disposes of it.
        services.AddSingleton(_ => store);
        services.AddSingleton<CurrentIndex>();
        services.AddSingleton<ListReplica>();
        services.AddSingleton<ListCatalog>();
        services.AddSingleton<AuditLog>();
        AuditKey auditKey = AuditKey.Read(options.Audit);
        services.AddSingleton(_ => auditKey);
        services.AddHostedService<AuditSigner>();
        services.AddSingleton(options.Images);
        services.AddSingleton(options.Matcher);
        services.AddSingleton(_ => new DecodeWorkers(options.Images, options.MaxConcurrentDecodes));
        services.AddSingleton<ImageDecoder>();
        services.AddSingleton<UploadHasher>();
        services.AddSingleton(provider =>
        {
            ListReplica replica = provider.GetRequiredService<ListReplica>();
            return new FloodWatch(options.Quarantine, () => replica.InStepAt);
        });
        services.AddSingleton(_ => new ProbingWatch(options.Access.Probing));
        services.AddSingleton<Matcher>();
        services.AddSingleton<AdmissionMetrics>();
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<UploadAdmission>();
        services.AddSingleton(_ => new UploadArena(options.ArenaBytes));
        services.AddSingleton<ScrubbedPoolFactory>();
        services.AddSingleton<IMemoryPoolFactory<byte>>(
            provider => provider.GetRequiredService<ScrubbedPoolFactory>());
        services.AddHostedService<MemoryReport>();
        services.AddSingleton<IndeterminateVerdicts>();
        services.AddSingleton<ShedAnswers>();
        services.AddSingleton<UploadOrders>();
        services.AddSingleton<UploadVerdicts>();
        services.AddSingleton<IndexReadiness>();
        services.AddSingleton<IndexFreshness>();
        services.AddSingleton<SnapshotKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<SnapshotKeeper>());
        services.AddSingleton<WarmUp>();
        services.AddSingleton<CallFaults>();
        services.AddSingleton<EventMetrics>();
        services.AddSingleton<EventWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<EventWriter>());
        services.AddHostedService<IndexRefresher>();
        services.AddHostedService<BlobCollector>();
        services.AddSingleton(options.ExchangeLimits);
        services.AddSingleton<ExchangeCatalog>();
        services.AddSingleton<ExchangeSync>();
        services.AddSingleton<WaitingFeedback>();
        services.AddSingleton<MatchReports>();
        services.AddSingleton<ExchangeSchedule>();
        services.AddHostedService(provider => provider.GetRequiredService<ExchangeSchedule>());
        services.AddHostedService<ExpiryWatch>();
        services.AddHostedService<QuarantineWriter>();
        services.AddHostedService<ProbingAlarms>();
        services.AddHostedService<StartReport>();
    }

    // Without a folder there is nothing to save to.
    private static void AddSaved(IServiceCollection services, SnapshotFolder? saved)
    {
        if (saved is not null)
        {
            services.AddSingleton(_ => saved);
        }
    }

    private static void AddRpc(IServiceCollection services, ServerOptions options)
    {
        services
            .AddGrpc(grpc =>
            {
                grpc.MaxReceiveMessageSize = options.MaxMessageBytes;
                grpc.EnableDetailedErrors = false;
                grpc.Interceptors.Add<ErrorInterceptor>();
                grpc.Interceptors.Add<CallerInterceptor>();
            })
            .AddJsonTranscoding(json =>
            {
                json.TypeRegistry = FrameworkErrors.Details;
                json.JsonSettings.WriteInt64sAsStrings = true;
            });
        // Decompression makes copies that nobody zeroes; images are compressed already.
        services.PostConfigure<GrpcServiceOptions>(grpc => grpc.CompressionProviders.Clear());
        services.AddSingleton<ErrorInterceptor>();
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health =>
        {
            health.Services.Map("", check => check.Name == nameof(IndexHealth));
            health.Services.Map(HashLists.Descriptor.FullName, check => check.Name == nameof(IndexHealth));
            health.Services.Map(Events.Descriptor.FullName, check => check.Name == nameof(IndexHealth));
            health.Services.Map(Audit.Descriptor.FullName, check => check.Name == nameof(IndexHealth));
            health.Services.Map(Proto.V1.Matching.Descriptor.FullName, check => check.Name == nameof(MatchingHealth));
        })
            .AddCheck<IndexHealth>(nameof(IndexHealth))
            .AddCheck<MatchingHealth>(nameof(MatchingHealth));
        services.Configure<HealthCheckPublisherOptions>(publisher =>
        {
            publisher.Delay = TimeSpan.Zero;
            publisher.Period = TimeSpan.FromSeconds(1);
        });
    }

    private static void AddListeners(IWebHostBuilder web, ServerOptions options)
    {
        ServerEndpoints endpoints = ServerEndpoints.From(options);
        (X509Certificate2 Certificate, X509Certificate2Collection Chain)? tls =
            options.Tls is { } files ? ServerCertificate.Load(files) : null;
        web.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint => FileSockets.Bind(endpoint, options));
        web.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes(options);
            Limit(kestrel.Limits, options.Transport);
            bool showsCertificates = options.Access.Certificates is not null;
            Listen(kestrel, endpoints.Grpc, tls, showsCertificates, endpoints.Grpc.IsTls
                ? HttpProtocols.Http1AndHttp2
                : HttpProtocols.Http2);
            if (endpoints.Json is { } json)
            {
                Listen(kestrel, json, tls, showsCertificates, HttpProtocols.Http1);
            }

            if (endpoints.Metrics is { } metrics)
            {
                Listen(kestrel, metrics, tls, showsCertificates, HttpProtocols.Http1, MetricsEndpoint.Mark);
            }
        });
    }

    private static void Limit(KestrelServerLimits limits, TransportOptions transport)
    {
        limits.MaxConcurrentConnections = transport.MaxConnections;
        limits.RequestHeadersTimeout = transport.RequestHeadersTimeout;
        limits.KeepAliveTimeout = transport.KeepAliveTimeout;
        limits.MaxRequestHeadersTotalSize = transport.MaxHeaderBytes;
        limits.MinRequestBodyDataRate = new MinDataRate(transport.MinBodyBytesPerSecond, TimeSpan.FromSeconds(5));
        limits.Http2.MaxStreamsPerConnection = transport.MaxStreamsPerConnection;
        limits.Http2.InitialStreamWindowSize = transport.StreamWindowBytes;
        // All streams of a connection share it: at less, a stream alone could not use its own.
        limits.Http2.InitialConnectionWindowSize =
            Math.Max(limits.Http2.InitialConnectionWindowSize, transport.StreamWindowBytes);
        limits.Http2.MaxRequestHeaderFieldSize = transport.MaxHeaderBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        ServerEndpoint endpoint,
        (X509Certificate2 Certificate, X509Certificate2Collection Chain)? tls,
        bool showsCertificates,
        HttpProtocols protocols,
        Action<ListenOptions>? mark = null)
    {
        void Configure(ListenOptions listen)
        {
            mark?.Invoke(listen);
            listen.Protocols = protocols;
            ScrubbedInput.Use(listen, listen.ApplicationServices.GetRequiredService<ScrubbedPoolFactory>().Streams);
            if (endpoint.IsTls && tls is { } files)
            {
                var https = new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = files.Certificate,
                    ServerCertificateChain = files.Chain,
                };
                if (showsCertificates)
                {
                    // Whose certificate is right is for the handler to say, whose answer is a status.
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                }

                listen.UseHttps(https);
            }

            ConnectionTurns.Use(listen, TimeProvider.System);
        }

        if (endpoint.SocketPath is { } path)
        {
            kestrel.ListenUnixSocket(path, Configure);
        }
        else if (endpoint.Address is { } address)
        {
            kestrel.Listen(address, endpoint.Port, Configure);
        }
        else if (endpoint.IsAny)
        {
            kestrel.ListenAnyIP(endpoint.Port, Configure);
        }
        else
        {
            kestrel.ListenLocalhost(endpoint.Port, Configure);
        }
    }

    private static void Map(WebApplication app, ServerOptions options)
    {
        // Of a flood of calls that are reset as they come, most are by the time that a thread is there for them.
        // Whatever comes behind would find out by an exception.
        app.Use(static (http, next) => http.RequestAborted.IsCancellationRequested ? Task.CompletedTask : next(http));
        // Before the rest: what is measured is told by what is called.
        app.UseRouting();
        app.UseMetricsListener(hasOwn: options.ListenMetrics is { Length: > 0 });
        app.UseCallTelemetry();
        app.UseFrameworkErrors(MaxBodyBytes(options));
        app.UseAuthentication();
        app.UseAuthorization();
        // Behind whatever says who the caller is.
        app.UseMiddleware<UploadGate>();
        app.UseMiddleware<UploadRequests>();
        app.MapGrpcService<MatchingService>().WithPermissions();
        app.MapGrpcService<HashListsService>().WithPermissions();
        app.MapGrpcService<EventsService>().WithPermissions();
        app.MapGrpcService<AuditService>().WithPermissions();
        app.MapGrpcHealthChecksService().AllowAnonymous();
        app.MapGrpcReflectionService().RequireAuthorization(AccessPolicies.AnyCaller);
        app.MapPlainHealth();
        if (options.Telemetry.Metrics)
        {
            app.MapMetrics().RequireAuthorization(AccessPolicies.Metrics);
        }
    }
}
