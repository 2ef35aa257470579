using Grpc.Core;
using HashMatch.Server.Memory;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// The calls of the service Matching, as the generated base has them; their uploads lie in the arena
/// (<see cref="UploadBinder"/>), until they are released or the request ends.
/// </summary>
[BindServiceMethod(typeof(UploadBinder), nameof(UploadBinder.BindService))]
public abstract class MatchingServiceBase
{
    public abstract Task<V1.MatchResponse> Match(V1.MatchRequest request, ServerCallContext context);

    public abstract Task<V1.MatchResponse> MatchUpload(
        IAsyncStreamReader<V1.MatchUploadRequest> requestStream, ServerCallContext context);

    public abstract Task MatchStream(
        IAsyncStreamReader<V1.MatchStreamRequest> requestStream,
        IServerStreamWriter<V1.MatchStreamResponse> responseStream,
        ServerCallContext context);

    public abstract Task<V1.MatchHashesResponse> MatchHashes(
        V1.MatchHashesRequest request, ServerCallContext context);

    public abstract Task<V1.HashResponse> Hash(V1.HashRequest request, ServerCallContext context);
}
