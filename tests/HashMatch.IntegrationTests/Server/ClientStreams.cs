using Grpc.Core;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Calls whose request is a stream.</summary>
public static class ClientStreams
{
    /// <summary>Sends all parts, or as many as are taken.</summary>
    /// <returns>The answer.</returns>
    /// <exception cref="RpcException">The call was refused.</exception>
    public static async Task<TResponse> SendAsync<TRequest, TResponse>(
        this AsyncClientStreamingCall<TRequest, TResponse> call,
        IEnumerable<TRequest> parts,
        CancellationToken cancellation)
    {
        await call.RequestStream.SendAsync(parts, cancellation);
        return await call;
    }

    /// <summary>Sends all parts, or as many as are taken: a call that is refused ends while its caller may still be
    /// sending, and what the sending then fails with says nothing. The answer says why.</summary>
    public static async Task SendAsync<TRequest>(
        this IClientStreamWriter<TRequest> stream, IEnumerable<TRequest> parts, CancellationToken cancellation)
    {
        try
        {
            foreach (TRequest part in parts)
            {
                await stream.WriteAsync(part, cancellation);
            }

            await stream.CompleteAsync();
        }
        catch (Exception e) when (
            e is RpcException or InvalidOperationException or HttpRequestException or NullReferenceException
            && !cancellation.IsCancellationRequested)
        {
            // HttpClient's own null reference is one of what it fails with when the answer ends the request.
        }
    }
}
