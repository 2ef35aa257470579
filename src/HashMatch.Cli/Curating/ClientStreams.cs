using Grpc.Core;

namespace HashMatch.Cli.Curating;

/// <summary>Sends into calls that the server may end before it has read everything.</summary>
internal static class ClientStreams
{
    /// <summary>Sends a message.</summary>
    /// <returns>False: the call is over, and its answer says why; what the sending failed with does not. It must not be
    /// completed then.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<bool> TryWriteAsync<T>(
        this IClientStreamWriter<T> stream, T message, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(message, cancellation);
            return true;
        }
        catch (Exception exception) when (
            exception is RpcException or IOException or InvalidOperationException or HttpRequestException
                or NullReferenceException
            && !cancellation.IsCancellationRequested)
        {
            // HttpClient's own null reference is one of what it fails with when the answer ends the request.
            return false;
        }
    }
}
