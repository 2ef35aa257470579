using System.Reflection;
using HashMatch.Server.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HashMatch.Server.Telemetry;

/// <summary>Adds what is measured, and where it goes.</summary>
internal static class TelemetryExport
{
    private const string ServiceName = "hashmatch";
    private const string RuntimeMeter = "System.Runtime";
    private const string TransportMeter = "Microsoft.AspNetCore.Server.Kestrel";

    /// <summary>Series of one instrument, its lists among them; what comes beyond is counted as one.</summary>
    private const int MaxSeries = 2_000;

    /// <summary>Adds metrics, traces and their exporters.</summary>
    public static void AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<UploadTelemetry>();
        services.AddSingleton<CallTelemetry>();
        services.AddSingleton<StateMetrics>();
        services.AddSingleton<IndexMetrics>();
        services.AddSingleton<StoreMetrics>();
        services.AddHostedService<StoreWatch>();
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry().ConfigureResource(resource =>
            resource.Clear().AddTelemetrySdk().AddService(
                ServiceName,
                serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)));
        if (options.Metrics)
        {
            telemetry.WithMetrics(metrics => Add(metrics, options));
        }

        if (options.OtlpEndpoint is not null)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(ServerTraces.SourceName)
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceSampling)))
                .AddOtlpExporter(otlp => Configure(otlp, options, "traces")));
        }
    }

    /// <summary>Times calls; the gauges exist from here on.</summary>
    public static void UseCallTelemetry(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<StateMetrics>();
        _ = app.Services.GetRequiredService<IndexMetrics>();
        _ = app.Services.GetRequiredService<StoreMetrics>();
        CallTelemetry calls = app.Services.GetRequiredService<CallTelemetry>();
        app.Use(next => http => calls.RunAsync(http, next));
    }

    private static void Add(MeterProviderBuilder metrics, TelemetryOptions options)
    {
        metrics
            .AddMeter(ServerMetrics.MeterName, RuntimeMeter, TransportMeter)
            .AddView(instrument => instrument.Meter.Name switch
            {
                // Its tags are addresses and ports.
                TransportMeter => new MetricStreamConfiguration { TagKeys = [] },
                _ => new MetricStreamConfiguration { CardinalityLimit = MaxSeries },
            })
            .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
        if (options.OtlpEndpoint is not null)
        {
            metrics.AddOtlpExporter(otlp => Configure(otlp, options, "metrics"));
        }
    }

    private static void Configure(OtlpExporterOptions otlp, TelemetryOptions options, string signal)
    {
        Uri endpoint = options.OtlpEndpoint!;
        bool isHttp = options.OtlpProtocol == OtlpTransport.Http;
        otlp.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        otlp.Endpoint = isHttp ? new Uri($"{endpoint.ToString().TrimEnd('/')}/v1/{signal}") : endpoint;
    }
}
