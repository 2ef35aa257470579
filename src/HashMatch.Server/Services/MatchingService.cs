using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.Matching;
using HashMatch.Server.Access;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Health;
using HashMatch.Server.Memory;
using HashMatch.Server.Telemetry;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The data plane; matching.proto is its reference.</summary>
public sealed class MatchingService(
    UploadVerdicts verdicts,
    IndeterminateVerdicts indeterminate,
    CallFaults faults,
    CallerLimits limits,
    UploadTelemetry telemetry,
    CallTelemetry calls,
    ServerOptions options,
    Drain drain)
    : MatchingServiceBase
{
    /// <summary>Queries of one MatchHashes call.</summary>
    public const int MaxQueries = 10_000;

    public override async Task<V1.MatchResponse> Match(V1.MatchRequest request, ServerCallContext context)
    {
        try
        {
            Received(context);
            return await OrIndeterminateAsync(
                () => verdicts.MatchAsync(UploadScope.BytesOf(request.Image.Memory), request.Options, context),
                () => request.Options,
                context);
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
    }

    public override async Task<V1.MatchResponse> MatchUpload(
        IAsyncStreamReader<V1.MatchUploadRequest> requestStream, ServerCallContext context)
    {
        using var buffer = new UploadBuffer(UploadScope.Current, verdicts.MaxImageBytes);
        V1.MatchOptions? given = null;
        return await OrIndeterminateAsync(
            async () =>
            {
                await ReceiveAsync(requestStream, buffer, options => given = options, context.CancellationToken);
                Received(context);
                return await verdicts.MatchAsync(buffer.Memory, given, context);
            },
            () => given,
            context);
    }

    public override async Task MatchStream(
        IAsyncStreamReader<V1.MatchStreamRequest> requestStream,
        IServerStreamWriter<V1.MatchStreamResponse> responseStream,
        ServerCallContext context)
    {
        Caller caller = Callers.Of(context);
        using var call = new MatchStreamCall(
            verdicts,
            indeterminate,
            requestStream,
            responseStream,
            e => faults.Map(e, context),
            e => calls.Failed(
                "Matching/MatchStream", StatusNames.Of(e.StatusCode), CallRecord.ReasonOf(e)),
            () => limits.Take(caller, CallerLimits.Upload),
            context);
        await call.RunAsync(options.MaxConcurrentDecodes * 2, drain.Ended);
    }

    public override async Task<V1.MatchHashesResponse> MatchHashes(
        V1.MatchHashesRequest request, ServerCallContext context)
    {
        if (request.Queries.Count is 0 or > MaxQueries)
        {
            throw RpcErrors.InvalidField(
                "queries", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {MaxQueries}"));
        }

        MatchingMessages.Check(request.WhenIndeterminate, "when_indeterminate");
        MatchQuery[] queries = [.. request.Queries.Select(MatchingMessages.Read)];
        HttpContext http = context.GetHttpContext();
        try
        {
            return await verdicts.MatchHashesAsync(queries, context);
        }
        catch (Exception e)
        {
            RpcException error = e as RpcException ?? faults.Map(e, context);
            if (indeterminate.BatchInPlaceOf(error, http, request.WhenIndeterminate, queries.Length) is { } instead)
            {
                return instead;
            }

            throw error;
        }
    }

    public override async Task<V1.HashResponse> Hash(V1.HashRequest request, ServerCallContext context)
    {
        try
        {
            Received(context);
            return await verdicts.HashAsync(UploadScope.BytesOf(request.Image.Memory), request, context);
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
    }

    private void Received(ServerCallContext context)
    {
        StageClock clock = telemetry.Start(context.GetHttpContext());
        clock.End(Stage.Receive);
    }

    // Whatever kept the upload from being evaluated, it is the caller's choice what to be told of it.
    private async Task<V1.MatchResponse> OrIndeterminateAsync(
        Func<Task<V1.MatchResponse>> evaluate, Func<V1.MatchOptions?> options, ServerCallContext context)
    {
        try
        {
            return await evaluate();
        }
        catch (Exception e)
        {
            RpcException error = e as RpcException ?? faults.Map(e, context);
            V1.MatchOptions? given = options();
            if (indeterminate.InPlaceOf(
                error, context.GetHttpContext(), given?.WhenIndeterminate ?? default, given?.Reference ?? "")
                is { } instead)
            {
                return instead;
            }

            throw error;
        }
    }

    private async Task ReceiveAsync(
        IAsyncStreamReader<V1.MatchUploadRequest> requests,
        UploadBuffer buffer,
        Action<V1.MatchOptions> given,
        CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(options.UploadTimeout);
        try
        {
            for (bool isFirst = true; await requests.MoveNext(limited.Token); isFirst = false)
            {
                V1.MatchUploadRequest part = requests.Current;
                switch (part.PartCase)
                {
                    case V1.MatchUploadRequest.PartOneofCase.Options when isFirst:
                        // Bad options are said before the bytes are sent.
                        MatchingMessages.Check(part.Options);
                        given(part.Options);
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
