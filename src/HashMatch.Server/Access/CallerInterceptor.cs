using Grpc.Core;
using Grpc.Core.Interceptors;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Access;

/// <summary>Charges each call to its caller; the items of a stream are charged one by one where they are
/// answered.</summary>
public sealed class CallerInterceptor(CallerLimits limits) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Charge(context, request is V1.MatchHashesRequest hashes ? hashes.Queries.Count : CallerLimits.Upload);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Charge(context, CallerLimits.Upload);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Charge(context, CallerLimits.Upload);
        return continuation(request, responseStream, context);
    }

    private void Charge(ServerCallContext context, int cost)
    {
        // Health and reflection are the framework's, and free.
        if (Permissions.Of(context.Method) is not null)
        {
            limits.Take(Callers.Of(context), cost);
        }
    }
}
