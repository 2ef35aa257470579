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
            HideKeys(response);
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

    // Entries' values leave in no other answer: whoever releases them from quarantine names them.
    private static void HideKeys(object response)
    {
        IEnumerable<V1.HashList> lists = response switch
        {
            V1.HashList list => [list],
            V1.ListListsResponse all => all.Lists,
            V1.EditEntriesResponse { List: { } list } => [list],
            _ => [],
        };
        foreach (V1.QuarantinedEntry entry in lists.SelectMany(list => list.Quarantined))
        {
            entry.Key = null;
        }
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
