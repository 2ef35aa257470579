using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.AspNetCore.Server;
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

    /// <summary>What a status's details may be, for JSON.</summary>
    public static TypeRegistry Details { get; } =
        TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor);

    /// <summary>Whether a call is gRPC, and not JSON: just what the framework takes for it, or what one of the two
    /// answers the other would not be asked for.</summary>
    public static bool IsGrpc(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Request.ContentType is { } type
            && type.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase)
            && (type.Length == GrpcContentType.Length || type[GrpcContentType.Length] is '+' or ';');
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

            if (!isGrpc && http.Features.Get<CallRecord>() is not null)
            {
                await NextInJsonAsync(http, next);
            }
            else
            {
                await next(http);
            }

            if (!isGrpc)
            {
                await ExplainAsync(http);
            }

            AddDetails(http);
        });

    /// <summary>
    /// What a status of gRPC's own code means. What our code throws is mapped with details: so one without them is of a
    /// message that could not be read, whether gRPC calls that INTERNAL, as one that is cut, or UNKNOWN, as whatever it
    /// did not foresee.
    /// </summary>
    /// <param name="error">What a call came to.</param>
    /// <returns>The error itself where it has details, or is not gRPC's word for a message.</returns>
    public static RpcException Ours(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return RpcErrors.ReasonOf(error).Length > 0 ? error : Of(error.StatusCode, isMethod: true) ?? error;
    }

    // Null where it says nothing of a message.
    private static RpcException? Of(StatusCode status, bool isMethod) => status switch
    {
        StatusCode.Internal or StatusCode.Unknown => RpcErrors.MalformedMessage(),
        StatusCode.ResourceExhausted => RpcErrors.MessageTooLarge().ToRpcException(),
        StatusCode.Unimplemented => isMethod ? RpcErrors.CompressedMessage() : RpcErrors.MethodUnknown(),
        _ => null,
    };

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

    private static async Task NextInJsonAsync(HttpContext http, RequestDelegate next)
    {
        Stream body = http.Response.Body;
        var refusals = new JsonRefusals(body, http);
        http.Response.Body = refusals;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = body;
        }

        if (refusals.AnyKept)
        {
            bool isBad = http.Response.StatusCode == StatusCodes.Status400BadRequest;
            RpcException refusal = isBad
                ? RpcErrors.MalformedJson("is not what the method takes: see its path, query and content type")
                : RpcErrors.MessageTooLarge().ToRpcException();
            CallRecord.Fail(http, refusal);
            http.Response.ContentLength = null;
            await WriteJsonAsync(
                http,
                isBad ? StatusCodes.Status400BadRequest : StatusCodes.Status413PayloadTooLarge,
                RpcErrors.ToStatus(refusal));
        }
    }

    // Of what nothing here takes the framework says a number alone, or a status that only gRPC's clients look for.
    private static Task ExplainAsync(HttpContext http)
    {
        RpcException? refusal = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => RpcErrors.MethodUnknown(),
            StatusCodes.Status415UnsupportedMediaType =>
                RpcErrors.MalformedJson("has a content type that is not of this address"),
            _ => null,
        };
        if (refusal is null
            || http.Response is not { HasStarted: false, ContentType: null }
            || (!HttpProtocol.IsHttp11(http.Request.Protocol) && http.Response.Headers.ContainsKey(StatusName)))
        {
            return Task.CompletedTask;
        }

        CallRecord.Fail(http, refusal);
        return WriteJsonAsync(http, http.Response.StatusCode, RpcErrors.ToStatus(refusal));
    }

    private static Task WriteJsonAsync(HttpContext http, int code, Google.Rpc.Status status)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json; charset=utf-8";
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithTypeRegistry(Details));
        return http.Response.WriteAsync(json.Format(status));
    }

    private static void AddDetails(HttpContext http)
    {
        // An answer that is all trailers has them among its headers.
        IHeaderDictionary? trailers = http.Response.HasStarted
            ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            : http.Response.Headers;
        if (trailers is not { IsReadOnly: false }
            || trailers.ContainsKey(DetailsName)
            || !int.TryParse(trailers[StatusName], NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            || Of((StatusCode)status, http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null)
                is not { } error)
        {
            return;
        }

        trailers[StatusName] = ((int)error.StatusCode).ToString(null as IFormatProvider);
        trailers[MessageName] = Uri.EscapeDataString(error.Status.Detail);
        trailers[DetailsName] = Convert.ToBase64String(RpcErrors.ToStatus(error).ToByteArray()).TrimEnd('=');
    }
}
