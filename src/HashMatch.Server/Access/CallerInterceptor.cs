using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using HashMatch.Matching.Access;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Access;

/// <summary>
/// Charges each call to its caller, and takes out of an answer about lists what only their editors need. The items of a
/// stream are charged one by one where they are answered.
/// </summary>
public sealed class CallerInterceptor(CallerLimits limits) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Charge(context, request is V1.MatchHashesRequest hashes ? hashes.Queries.Count : CallerLimits.Upload);
        TResponse response = await continuation(request, context);
        if ((Callers.Of(context).Roles & CallerRoles.ListEditor) == 0)
        {
            QuarantineKeys.Hide((IMessage)response);
        }

        return response;
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
