using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using HashMatch.Server.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using HttpResponse = Microsoft.AspNetCore.Http.HttpResponse;

namespace HashMatch.Server.Errors;

/// <summary>Makes what gRPC's own code refuses, before a call reaches a service, look like our refusals.</summary>
public static class FrameworkErrors
{
    private const string GrpcContentType = "application/grpc";
    private const string MessageName = "grpc-message";
    private const string StatusName = "grpc-status";
    private const string DetailsName = "grpc-status-details-bin";

    // What gRPC says of anything that it threw itself. Ours are mapped by the interceptor, with details: so this is a
    // message that could not be read.
    private static readonly string Unknown = ((int)StatusCode.Unknown).ToString(null as IFormatProvider);
    private static readonly string TooLarge = ((int)StatusCode.ResourceExhausted).ToString(null as IFormatProvider);

    /// <summary>What a status's details may be, for JSON.</summary>
    public static TypeRegistry Details { get; } =
        TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor);

    /// <summary>Whether a call is gRPC, and not JSON.</summary>
    public static bool IsGrpc(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Request.ContentType?.StartsWith(GrpcContentType, StringComparison.Ordinal) ?? false;
    }

    /// <summary>Says in an HTTP header, too, when to try again; in gRPC the status has it.</summary>
    public static void AddRetryAfter(HttpContext http, RpcException error)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (!http.Response.HasStarted && RpcErrors.RetryDelayOf(error) is { } delay)
        {
            http.Response.Headers.RetryAfter =
                Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Refuses JSON over the limit, and adds the details to gRPC's refusals of large messages.</summary>
    /// <param name="app">The server.</param>
    /// <param name="maxBodyBytes">Largest body that is not gRPC.</param>
    public static void UseFrameworkErrors(this IApplicationBuilder app, long maxBodyBytes) =>
        app.Use(async (http, next) =>
        {
            bool isGrpc = IsGrpc(http);
            if (!isGrpc && http.Request.ContentLength > maxBodyBytes)
            {
                // The caller sends on before it reads: the transport takes what comes, for its few seconds of grace.
                if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                {
                    limit.MaxRequestBodySize = null;
                }

                await WriteJsonAsync(http, StatusCodes.Status413PayloadTooLarge, RpcErrors.MessageTooLarge());
                return;
            }

            if (!isGrpc)
            {
                // RESOURCE_EXHAUSTED without a delay is too large, and no retry makes it smaller.
                http.Response.OnStarting(
                    static state =>
                    {
                        var response = (HttpResponse)state;
                        bool isLarge = response.StatusCode == StatusCodes.Status429TooManyRequests
                            && response.Headers.RetryAfter.Count == 0;
                        response.StatusCode = isLarge
                            ? StatusCodes.Status413PayloadTooLarge
                            : response.StatusCode;
                        return Task.CompletedTask;
                    },
                    http.Response);
            }

            await next(http);
            if (isGrpc)
            {
                AddDetails(http.Response);
            }
        });

    /// <summary>Refuses a call that no service sees, in gRPC's way or in JSON's.</summary>
    public static async Task WriteAsync(HttpContext http, RpcException refusal)
    {
        Google.Rpc.Status status = refusal.GetRpcStatus()!;
        CallRecord.Fail(http, refusal);
        if (!IsGrpc(http))
        {
            if (refusal.StatusCode == StatusCode.Unauthenticated)
            {
                http.Response.Headers.WWWAuthenticate = "Bearer";
            }

            await WriteJsonAsync(
                http,
                refusal.StatusCode switch
                {
                    StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
                    StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
                    StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
                    _ => StatusCodes.Status503ServiceUnavailable,
                },
                status);
            return;
        }

        // An answer that is all trailers.
        http.Response.ContentType = GrpcContentType;
        http.Response.Headers[StatusName] = ((int)refusal.StatusCode).ToString(null as IFormatProvider);
        http.Response.Headers[MessageName] = refusal.Status.Detail;
        http.Response.Headers[DetailsName] = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
    }

    private static Task WriteJsonAsync(HttpContext http, int code, Google.Rpc.Status status)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json; charset=utf-8";
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithTypeRegistry(Details));
        return http.Response.WriteAsync(json.Format(status));
    }

    private static void AddDetails(HttpResponse response)
    {
        // An answer that is all trailers has them among its headers.
        IHeaderDictionary? trailers = response.HasStarted
            ? response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            : response.Headers;
        if (trailers is not { IsReadOnly: false } || trailers.ContainsKey(DetailsName))
        {
            return;
        }

        if (trailers[StatusName] == TooLarge)
        {
            Set(trailers, RpcErrors.MessageTooLarge());
        }
        else if (trailers[StatusName] == Unknown)
        {
            Set(trailers, RpcErrors.ToStatus(RpcErrors.MalformedMessage()));
            trailers[StatusName] = ((int)StatusCode.InvalidArgument).ToString(null as IFormatProvider);
            trailers[MessageName] = "the message is not what the method takes";
        }
    }

    private static void Set(IHeaderDictionary trailers, Google.Rpc.Status status) =>
        trailers[DetailsName] = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
}
