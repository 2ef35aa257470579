using Google.Protobuf;
using Grpc.Core;

namespace HashMatch.Server.Errors;

/// <summary>A caller's stream, whose faults are the caller's.</summary>
/// <param name="inner">As the transport reads it.</param>
internal sealed class RequestStream<T>(IAsyncStreamReader<T> inner) : IAsyncStreamReader<T>
{
    public T Current => inner.Current;

    /// <summary>Waits for the next message.</summary>
    /// <returns>False when the caller has closed its side.</returns>
    /// <exception cref="RpcException">MALFORMED_MESSAGE, MESSAGE_TOO_LARGE, COMPRESSED_MESSAGE, or CANCELLED: the
    /// caller hung up, which the transport tells as a failed read before the call's token is cancelled.</exception>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.MoveNext(cancellationToken);
        }
        catch (RpcException e)
        {
            throw FrameworkErrors.Ours(e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException || IsTooLong(e))
        {
            throw RpcErrors.MalformedMessage();
        }
        catch (IOException)
        {
            throw RpcErrors.Cancelled();
        }
    }

    // A message that says it has over 2 GiB: nothing but gRPC's text tells it from a caller that hangs up.
    private static bool IsTooLong(Exception exception) =>
        exception is IOException && exception.Message.StartsWith("Message too large", StringComparison.Ordinal);
}
