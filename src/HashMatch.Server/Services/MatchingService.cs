using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.Matching;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Memory;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The data plane; matching.proto is its reference.</summary>
public sealed class MatchingService(
    UploadVerdicts verdicts, CallFaults faults, ServerOptions options, IHostApplicationLifetime lifetime)
    : MatchingServiceBase
{
    /// <summary>Queries of one MatchHashes call.</summary>
    public const int MaxQueries = 10_000;

    public override async Task<V1.MatchResponse> Match(V1.MatchRequest request, ServerCallContext context)
    {
        try
        {
            using AdmissionPlace place = verdicts.Enter();
            return await verdicts.MatchAsync(
                UploadScope.BytesOf(request.Image.Memory), request.Options, context.CancellationToken);
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
    }

    public override async Task<V1.MatchResponse> MatchUpload(
        IAsyncStreamReader<V1.MatchUploadRequest> requestStream, ServerCallContext context)
    {
        using AdmissionPlace place = verdicts.Enter();
        using var buffer = new UploadBuffer(UploadScope.Current, verdicts.MaxImageBytes);
        V1.MatchOptions? given = await ReceiveAsync(requestStream, buffer, context.CancellationToken);
        return await verdicts.MatchAsync(buffer.Memory, given, context.CancellationToken);
    }

    public override async Task MatchStream(
        IAsyncStreamReader<V1.MatchStreamRequest> requestStream,
        IServerStreamWriter<V1.MatchStreamResponse> responseStream,
        ServerCallContext context)
    {
        using var call = new MatchStreamCall(
            verdicts, requestStream, responseStream, e => faults.Map(e, context), context.CancellationToken);
        await call.RunAsync(options.MaxConcurrentDecodes * 2, lifetime.ApplicationStopping);
    }

    public override async Task<V1.MatchHashesResponse> MatchHashes(
        V1.MatchHashesRequest request, ServerCallContext context)
    {
        if (request.Queries.Count is 0 or > MaxQueries)
        {
            throw RpcErrors.InvalidField(
                "queries", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {MaxQueries}"));
        }

        MatchQuery[] queries = [.. request.Queries.Select(MatchingMessages.Read)];
        using AdmissionPlace place = verdicts.Enter();
        return await verdicts.MatchHashesAsync(queries, context.CancellationToken);
    }

    public override async Task<V1.HashResponse> Hash(V1.HashRequest request, ServerCallContext context)
    {
        try
        {
            using AdmissionPlace place = verdicts.Enter();
            return await verdicts.HashAsync(
                UploadScope.BytesOf(request.Image.Memory), request, context.CancellationToken);
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
    }

    private async Task<V1.MatchOptions?> ReceiveAsync(
        IAsyncStreamReader<V1.MatchUploadRequest> requests, UploadBuffer buffer, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(options.UploadTimeout);
        try
        {
            V1.MatchOptions? given = null;
            for (bool isFirst = true; await requests.NextAsync(limited.Token); isFirst = false)
            {
                V1.MatchUploadRequest part = requests.Current;
                switch (part.PartCase)
                {
                    case V1.MatchUploadRequest.PartOneofCase.Options when isFirst:
                        given = part.Options;
                        // Bad options are said before the bytes are sent.
                        _ = MatchingMessages.Read(given, _ => false);
                        break;
                    case V1.MatchUploadRequest.PartOneofCase.Options:
                        throw RpcErrors.InvalidField("options", "may stand in the first message only");
                    case V1.MatchUploadRequest.PartOneofCase.Chunk:
                        Take(part.Chunk, buffer);
                        break;
                    default:
                        throw RpcErrors.InvalidField("part", "must be options or a chunk");
                }
            }

            return given;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw RpcErrors.UploadTimedOut(options.UploadTimeout);
        }
    }

    private void Take(ByteString chunk, UploadBuffer buffer)
    {
        bool fits = buffer.TryAppend(chunk.Span);
        UploadScope.Release(chunk.Memory);
        if (!fits)
        {
            throw RpcErrors.UploadTooLarge(verdicts.MaxImageBytes);
        }
    }
}
