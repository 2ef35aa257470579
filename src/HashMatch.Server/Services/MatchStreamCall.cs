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
    IAsyncStreamReader<V1.MatchStreamRequest> requests,
    IServerStreamWriter<V1.MatchStreamResponse> responses,
    Func<Exception, RpcException> faults,
    CancellationToken call) : IDisposable
{
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
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(call);
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
            while (await ReadAsync(ended) is { } request)
            {
                V1.MatchStreamResponse response = await AnswerAsync(request, broken.Token);
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

    private async Task<V1.MatchStreamRequest?> ReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            _isRead = _isRead || !await requests.NextAsync(cancellation);
            return _isRead ? null : requests.Current;
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
            using AdmissionPlace place = verdicts.Enter();
            return new V1.MatchStreamResponse
            {
                Tag = request.Tag,
                Response = await verdicts.MatchAsync(request.Image.Memory, request.Options, cancellation),
            };
        }
        catch (RpcException e)
        {
            return new V1.MatchStreamResponse { Tag = request.Tag, Error = RpcErrors.ToItem(e) };
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            return new V1.MatchStreamResponse { Tag = request.Tag, Error = RpcErrors.ToItem(faults(e)) };
        }
        finally
        {
            UploadScope.Release(request.Image.Memory);
        }
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
