using Google.Protobuf;
using Grpc.Core;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Services;

/// <summary>Reads a caller's stream.</summary>
internal static class RequestStreams
{
    /// <summary>Waits for the next message.</summary>
    /// <returns>False when the caller has closed its side.</returns>
    /// <exception cref="RpcException">MALFORMED_MESSAGE, or CANCELLED: the caller hung up, which the transport tells as
    /// a failed read before the call's token is cancelled.</exception>
    public static async Task<bool> NextAsync<T>(this IAsyncStreamReader<T> requests, CancellationToken cancellation)
    {
        try
        {
            return await requests.MoveNext(cancellation);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
        {
            throw RpcErrors.MalformedMessage();
        }
        catch (IOException)
        {
            throw RpcErrors.Cancelled();
        }
    }
}
