using Grpc.Core;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Calls whose request is a stream.</summary>
public static class ClientStreams
{
    /// <summary>Sends all parts, or as many as are taken: a call that is refused ends while its caller may still be
    /// sending, and what the sending then fails with says nothing.</summary>
    /// <returns>The answer.</returns>
    /// <exception cref="RpcException">The call was refused.</exception>
    public static async Task<TResponse> SendAsync<TRequest, TResponse>(
        this AsyncClientStreamingCall<TRequest, TResponse> call,
        IEnumerable<TRequest> parts,
        CancellationToken cancellation)
    {
        try
        {
            foreach (TRequest part in parts)
            {
                await call.RequestStream.WriteAsync(part, cancellation);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (
            e is RpcException or InvalidOperationException or HttpRequestException
            && !cancellation.IsCancellationRequested)
        {
            // The answer says why.
        }

        return await call;
    }
}
