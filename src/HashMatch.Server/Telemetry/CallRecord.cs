using System.Globalization;
using Google.Rpc;
using Grpc.Core;
using HashMatch.Server.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace HashMatch.Server.Telemetry;

/// <summary>What becomes of one call, for its metrics, its span and its line of the log.</summary>
public sealed class CallRecord
{
    /// <summary>The reason of a call that failed without one of <see cref="ErrorReasons"/>.</summary>
    public const string NoReason = "OTHER";

    private const string StatusName = "grpc-status";
    private const string DetailsName = "grpc-status-details-bin";

    /// <summary>When it began, as <see cref="System.Diagnostics.Stopwatch"/> counts.</summary>
    public required long StartedAt { get; init; }

    /// <summary>The status's name, such as `UNAVAILABLE`; null while nothing failed.</summary>
    public string? Status { get; private set; }

    /// <summary>The reason beside a status.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Says why a call fails; the first word counts. Whoever refuses a call outside of the services may say it
    /// here.</summary>
    public static void Fail(HttpContext http, RpcException error)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(error);
        if (http.Features.Get<CallRecord>() is { Status: null } record)
        {
            record.Status = StatusNames.Of(error.StatusCode);
            record.Reason = ReasonOf(error);
        }
    }

    /// <summary>The reason in a status.</summary>
    public static string ReasonOf(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.GetRpcStatus()?.GetDetail<ErrorInfo>() is { Domain: RpcErrors.Domain } info
            ? info.Reason
            : NoReason;
    }

    /// <summary>Reads what was answered, where nobody has said it.</summary>
    internal void End(HttpContext http)
    {
        if (Status is not null)
        {
            return;
        }

        IHeaderDictionary? trailers = http.Response.HasStarted
            ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers ?? http.Response.Headers
            : http.Response.Headers;
        string? code = trailers[StatusName];
        code ??= http.Response.Headers[StatusName];
        StatusCode status = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? (StatusCode)number
            : http.RequestAborted.IsCancellationRequested ? StatusCode.Cancelled
            : StatusNames.OfHttp(http.Response.StatusCode);
        Status = StatusNames.Of(status);
        if (status != StatusCode.OK)
        {
            Reason = ReasonIn(trailers[DetailsName]) ?? ReasonIn(http.Response.Headers[DetailsName]) ?? NoReason;
        }
    }

    // What refused the call was not this server's code, or did not say so here.
    private static string? ReasonIn(string? details)
    {
        try
        {
            return details is { Length: > 0 }
                && Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(Padded(details)))
                    .GetDetail<ErrorInfo>() is { Domain: RpcErrors.Domain } info
                ? info.Reason
                : null;
        }
        catch (Exception e) when (e is FormatException or Google.Protobuf.InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string Padded(string text) => text.PadRight((text.Length + 3) / 4 * 4, '=');
}
