using System.Runtime.ExceptionServices;
using Grpc.Core;
using HashMatch.Server.Admission;
using HashMatch.Server.Errors;
using HashMatch.Server.Memory;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// One MatchStream call: a few lanes, each reading one request, answering it and writing the answer before it reads the
/// next. So no more requests are in flight than there are lanes, and flow control holds the sender back.
/// </summary>
internal sealed class MatchStreamCall(
    UploadVerdicts verdicts,
    IndeterminateVerdicts indeterminate,
    IAsyncStreamReader<V1.MatchStreamRequest> requests,
    IServerStreamWriter<V1.MatchStreamResponse> responses,
    Func<Exception, RpcException> faults,
    Action<RpcException> failed,
    System.Action charge,
    ServerCallContext call) : IDisposable
{
    private readonly AdmissionPlace _account = UploadGate.PlaceOf(call);
    private readonly IntakeReader? _intake = call.GetHttpContext().Features.Get<IntakeReader>();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly SemaphoreSlim _writing = new(1);
    private ExceptionDispatchInfo? _failure;
    private bool _isRead;

    /// <summary>Answers until the caller closes its side; at a shutdown, until what was read is answered.</summary>
    /// <param name="lanes">Requests in flight at most.</param>
    /// <param name="stopping">The server shuts down.</param>
    /// <exception cref="RpcException">SHUTTING_DOWN, or what broke the stream as a whole.</exception>
    public async Task RunAsync(int lanes, CancellationToken stopping)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(broken.Token, stopping);
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => RunLaneAsync(broken, ended.Token)));
        _failure?.Throw();
        if (!_isRead)
        {
            throw RpcErrors.ShuttingDown();
        }
    }

    public void Dispose()
    {
        _reading.Dispose();
        _writing.Dispose();
    }

    private async Task RunLaneAsync(CancellationTokenSource broken, CancellationToken ended)
    {
        try
        {
            while (await ReadAsync(ended) is ({ } request, long held))
            {
                V1.MatchStreamResponse response = await AnswerAsync(request, broken.Token);
                _account.Release(held);
                await WriteAsync(response, broken.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested && !broken.IsCancellationRequested)
        {
            // Shutting down: the other lanes finish what they read.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            await broken.CancelAsync();
        }
    }

    // The next request, and the bytes that are held for it.
    private async Task<(V1.MatchStreamRequest? Request, long Held)> ReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            _isRead = _isRead || !await requests.MoveNext(cancellation);
            return _isRead ? (null, 0) : (requests.Current, _intake?.NextHeld() ?? 0);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<V1.MatchStreamResponse> AnswerAsync(
        V1.MatchStreamRequest request, CancellationToken cancellation)
    {
        try
        {
            charge();
            using AdmissionPlace place = verdicts.EnterItem(call);
            return new V1.MatchStreamResponse
            {
                Tag = request.Tag,
                Response = await verdicts.MatchAsync(
                    request.Image.Memory, request.Options, call, waits: true, cancellation),
            };
        }
        catch (Exception e) when (e is RpcException || !cancellation.IsCancellationRequested)
        {
            return Failed(request, e as RpcException ?? faults(e));
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
    }

    private V1.MatchStreamResponse Failed(V1.MatchStreamRequest request, RpcException error)
    {
        failed(error);
        var response = new V1.MatchStreamResponse { Tag = request.Tag };
        V1.MatchOptions given = request.Options ?? new V1.MatchOptions();
        if (indeterminate.InPlaceOf(error, call.GetHttpContext(), given.WhenIndeterminate, given.Reference)
            is { } instead)
        {
            response.Response = instead;
        }
        else
        {
            response.Error = RpcErrors.ToItem(error);
        }

        return response;
    }

    private async Task WriteAsync(V1.MatchStreamResponse response, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await responses.WriteAsync(response, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }
}
