using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using HttpResponse = Microsoft.AspNetCore.Http.HttpResponse;

namespace HashMatch.Server.Errors;

/// <summary>Makes what gRPC's own code refuses, before a call reaches a service, look like our refusals.</summary>
public static class FrameworkErrors
{
    private const string StatusName = "grpc-status";
    private const string DetailsName = "grpc-status-details-bin";
    private static readonly string TooLarge = ((int)StatusCode.ResourceExhausted).ToString(null as IFormatProvider);

    /// <summary>What a status's details may be, for JSON.</summary>
    public static TypeRegistry Details { get; } =
        TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor);

    /// <summary>Refuses JSON over the limit, and adds the details to gRPC's refusals of large messages.</summary>
    /// <param name="app">The server.</param>
    /// <param name="maxBodyBytes">Largest body that is not gRPC.</param>
    public static void UseFrameworkErrors(this IApplicationBuilder app, long maxBodyBytes) =>
        app.Use(async (http, next) =>
        {
            bool isGrpc = http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) ?? false;
            if (!isGrpc && http.Request.ContentLength > maxBodyBytes)
            {
                // The caller sends on before it reads: the transport takes what comes, for its few seconds of grace.
                if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                {
                    limit.MaxRequestBodySize = null;
                }

                await WriteJsonAsync(http.Response, RpcErrors.MessageTooLarge());
                return;
            }

            if (!isGrpc)
            {
                // All that is RESOURCE_EXHAUSTED is too large, and no retry makes it smaller.
                http.Response.OnStarting(
                    static state =>
                    {
                        var response = (HttpResponse)state;
                        response.StatusCode = response.StatusCode == StatusCodes.Status429TooManyRequests
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

    /// <summary>Writes a refusal of what was not transcoded yet, as the transcoder would.</summary>
    public static Task WriteJsonAsync(HttpResponse response, RpcException error) =>
        WriteJsonAsync(response, error.GetRpcStatus() ?? RpcErrors.Internal().GetRpcStatus()!);

    /// <inheritdoc cref="WriteJsonAsync(HttpResponse, RpcException)"/>
    public static async Task WriteJsonAsync(HttpResponse response, Google.Rpc.Status status)
    {
        response.StatusCode = (Code)status.Code switch
        {
            Code.InvalidArgument => StatusCodes.Status400BadRequest,
            Code.ResourceExhausted => StatusCodes.Status413PayloadTooLarge,
            Code.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        response.ContentType = "application/json; charset=utf-8";
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithTypeRegistry(Details));
        await response.WriteAsync(json.Format(status));
    }

    private static void AddDetails(HttpResponse response)
    {
        // An answer that is all trailers has them among its headers.
        IHeaderDictionary? trailers = response.HasStarted
            ? response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            : response.Headers;
        if (trailers is { IsReadOnly: false } && trailers[StatusName] == TooLarge
            && !trailers.ContainsKey(DetailsName))
        {
            trailers[DetailsName] = Convert.ToBase64String(RpcErrors.MessageTooLarge().ToByteArray()).TrimEnd('=');
        }
    }
}
