using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>What the people who run the server see of it, section `HashMatch:Telemetry`.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Whether there are metrics: at `/metrics`, and at the OTLP endpoint where there is one.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>
    /// Where metrics and traces are sent by OTLP, such as `http://127.0.0.1:4317`; null for nowhere. Headers come from
    /// the environment, `OTEL_EXPORTER_OTLP_HEADERS`.
    /// </summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>How the OTLP endpoint is spoken to.</summary>
    [EnumDataType(typeof(OtlpTransport))]
    public OtlpTransport OtlpProtocol { get; init; } = OtlpTransport.Grpc;

    /// <summary>
    /// The part of calls that is traced, 0 to 1, where the caller sends no trace context; one that does decides itself.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceSampling { get; init; } = 0.01;

    /// <summary>How logs are written to standard output, one line each.</summary>
    [EnumDataType(typeof(LogFormat))]
    public LogFormat Logs { get; init; } = LogFormat.Text;

    /// <summary>Whether every call is a line of the log; without it, only those that failed by the server's fault.
    /// </summary>
    public bool LogCalls { get; init; }
}
