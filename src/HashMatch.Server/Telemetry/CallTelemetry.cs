using System.Diagnostics;
using System.Diagnostics.Metrics;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Telemetry;

/// <summary>Times every call of the API, by gRPC and by JSON, from its headers to its last byte.</summary>
public sealed class CallTelemetry
{
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly ILogger<CallTelemetry> _logger;
    private readonly bool _isLogged;
    private long _active;

    public CallTelemetry(ServerMetrics metrics, ServerOptions options, ILogger<CallTelemetry> logger)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(options);
        _duration = metrics.Seconds("hashmatch.call.duration", "Calls, from their headers to their last byte.");
        _errors = metrics.Meter.CreateCounter<long>(
            "hashmatch.call.errors", description: "Calls, and items of a stream, that got no answer but an error.");
        _ = metrics.Meter.CreateObservableGauge(
            "hashmatch.calls.active", () => Interlocked.Read(ref _active), description: "Calls in flight.");
        _logger = logger;
        _isLogged = options.Telemetry.LogCalls;
    }

    /// <summary>Counts an error.</summary>
    /// <param name="rpc">`Service/Method`.</param>
    /// <param name="status">One of <see cref="StatusNames"/>.</param>
    /// <param name="reason">One of <see cref="Errors.ErrorReasons"/>, or <see cref="CallRecord.NoReason"/>.</param>
    public void Failed(string rpc, string status, string reason) =>
        _errors.Add(1, new("rpc", rpc), new("status", status), new("reason", reason));

    /// <summary>Runs one request.</summary>
    internal async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (Rpc.Of(http.GetEndpoint()) is not { } rpc)
        {
            await next(http);
            return;
        }

        var record = new CallRecord { StartedAt = Stopwatch.GetTimestamp() };
        http.Features.Set(record);
        using Activity? span = ServerTraces.Start(rpc, http.Request.Headers);
        Interlocked.Increment(ref _active);
        try
        {
            await next(http);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
            record.End(http);
            End(rpc, record, span);
        }
    }

    private void End(Rpc rpc, CallRecord record, Activity? span)
    {
        string status = record.Status!;
        TimeSpan took = Stopwatch.GetElapsedTime(record.StartedAt);
        _duration.Record(took.TotalSeconds, new("rpc", rpc.Name), new("status", status));
        bool failed = status != StatusNames.All[0];
        if (failed)
        {
            Failed(rpc.Name, status, record.Reason);
        }

        if (span is not null)
        {
            span.SetTag("rpc.grpc.status", status);
            if (failed)
            {
                span.SetTag("hashmatch.reason", record.Reason);
                span.SetStatus(StatusNames.IsServerFault(status) ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            }
        }

        if (_isLogged)
        {
            _logger.LogInformation(
                "{Rpc} {Status} {Reason} {Milliseconds:F3} ms",
                rpc.Name,
                status,
                failed ? record.Reason : "-",
                took.TotalMilliseconds);
        }
    }
}
