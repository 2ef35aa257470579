using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Proto.V1;
using HashMatch.Server.Admission;
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
using Microsoft.Extensions.Logging.Console;

namespace HashMatch.Server;

/// <summary>Puts the server together.</summary>
public static class ServerHost
{
    /// <summary>Room in a message for what is not the image.</summary>
    private const int MessageOverheadBytes = 64 * 1024;

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
        KeepThreadsFor(options);
        AddLogging(builder.Logging);
        AddListeners(builder.WebHost, options);
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.Services.AddSingleton(options);
        AddDomain(builder.Services, await OpenStoreAsync(options, cancellation), options);
        AddRpc(builder.Services, options);
        WebApplication app = builder.Build();
        Map(app, options);
        return app;
    }

    // A decode holds a thread of the pool; without more of them the transport would wait for the pool to grow.
    private static void KeepThreadsFor(ServerOptions options)
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(
            Math.Max(workers, Environment.ProcessorCount + options.MaxConcurrentDecodes), completions);
    }

    // Base64 takes 4 characters for 3 bytes.
    private static long MaxBodyBytes(ServerOptions options) =>
        (((long)options.Images.MaxImageBytes + 2) / 3 * 4) + MessageOverheadBytes;

    private static async Task<IListStore> OpenStoreAsync(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            return await ListStores.OpenAsync(options.Store, TimeProvider.System, cancellation);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"HashMatch:Store: {e.Message}", e);
        }
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    private static void AddDomain(IServiceCollection services, IListStore store, ServerOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        // Made by a factory, so that the host disposes of it.
        services.AddSingleton(_ => store);
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<CurrentIndex>();
        services.AddSingleton<ListReplica>();
        services.AddSingleton<ListCatalog>();
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
        services.AddSingleton<Matcher>();
        services.AddSingleton<UploadAdmission>();
        services.AddSingleton(_ => new UploadArena(options.UploadMemory));
        services.AddSingleton<ScrubbedPoolFactory>();
        services.AddSingleton<IMemoryPoolFactory<byte>>(
            provider => provider.GetRequiredService<ScrubbedPoolFactory>());
        services.AddHostedService<MemoryReport>();
        services.AddSingleton<UploadVerdicts>();
        services.AddSingleton<IndexReadiness>();
        services.AddSingleton<WarmUp>();
        services.AddSingleton<CallFaults>();
        services.AddSingleton<EventWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<EventWriter>());
        services.AddHostedService<IndexRefresher>();
        services.AddHostedService<BlobCollector>();
        services.AddSingleton(options.ExchangeLimits);
        services.AddSingleton<ExchangeCatalog>();
        services.AddSingleton<ExchangeSync>();
        services.AddSingleton<WaitingFeedback>();
        services.AddSingleton<MatchReports>();
        services.AddHostedService<ExchangeSchedule>();
        services.AddHostedService<ExpiryWatch>();
        services.AddHostedService<QuarantineWriter>();
        services.AddHostedService<StartReport>();
    }

    private static void AddRpc(IServiceCollection services, ServerOptions options)
    {
        services
            .AddGrpc(grpc =>
            {
                grpc.MaxReceiveMessageSize = options.Images.MaxImageBytes + MessageOverheadBytes;
                grpc.EnableDetailedErrors = false;
                grpc.Interceptors.Add<ErrorInterceptor>();
            })
            .AddJsonTranscoding(json => json.TypeRegistry = FrameworkErrors.Details);
        // Decompression makes copies that nobody zeroes; images are compressed already.
        services.PostConfigure<GrpcServiceOptions>(grpc => grpc.CompressionProviders.Clear());
        services.AddSingleton<ErrorInterceptor>();
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health =>
        {
            health.Services.Map("", check => check.Name == nameof(IndexHealth));
            health.Services.Map(HashLists.Descriptor.FullName, check => check.Name == nameof(IndexHealth));
            health.Services.Map(Events.Descriptor.FullName, check => check.Name == nameof(IndexHealth));
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
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
            Listen(kestrel, endpoints.Grpc, tls, endpoints.Grpc.IsTls
                ? HttpProtocols.Http1AndHttp2
                : HttpProtocols.Http2);
            if (endpoints.Json is { } json)
            {
                Listen(kestrel, json, tls, HttpProtocols.Http1);
            }
        });
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        ServerEndpoint endpoint,
        (X509Certificate2 Certificate, X509Certificate2Collection Chain)? tls,
        HttpProtocols protocols)
    {
        void Configure(ListenOptions listen)
        {
            listen.Protocols = protocols;
            ScrubbedInput.Use(listen);
            if (endpoint.IsTls && tls is { } files)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = files.Certificate,
                    ServerCertificateChain = files.Chain,
                });
            }
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
        app.UseFrameworkErrors(MaxBodyBytes(options));
        app.UseUploadArena(app.Services.GetRequiredService<UploadArena>());
        app.MapGrpcService<MatchingService>();
        app.MapGrpcService<HashListsService>();
        app.MapGrpcService<EventsService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        app.MapPlainHealth();
    }
}
