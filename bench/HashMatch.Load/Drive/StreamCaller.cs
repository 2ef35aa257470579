using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Cli.Driving;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Drive;

/// <summary>Pictures over streams, one a connection, used in turn: answers come in any order, each with its tag.
/// </summary>
internal sealed class StreamCaller : IAsyncDisposable
{
    private readonly Lane[] _lanes;
    private long _next;

    public StreamCaller(ServerAddress address, int connections, string? apiKey)
    {
        Metadata headers = apiKey is null ? [] : [new Metadata.Entry("x-api-key", apiKey)];
        _lanes = [.. Enumerable.Range(0, connections).Select(_ => new Lane(address, headers))];
    }

    /// <summary>What the first stream that broke, or the first error of an item, said.</summary>
    public string? Problem => _lanes.Select(lane => lane.Problem).FirstOrDefault(problem => problem is not null);

    /// <summary>Sends one and waits for its answer.</summary>
    public Task<CallResult> CallAsync(PictureItem picture, CancellationToken cancellation)
    {
        ulong tag = (ulong)Interlocked.Increment(ref _next);
        return _lanes[(int)(tag % (ulong)_lanes.Length)].CallAsync(tag, picture, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lane lane in _lanes)
        {
            await lane.DisposeAsync();
        }
    }

    private sealed class Lane : IAsyncDisposable
    {
        private readonly GrpcChannel _channel;
        private readonly AsyncDuplexStreamingCall<V1.MatchStreamRequest, V1.MatchStreamResponse> _call;
        private readonly ConcurrentDictionary<ulong, Sent> _waiting = [];

        // gRPC takes one message of a stream at a time.
        private readonly SemaphoreSlim _writing = new(1);
        private readonly Task _reading;
        private volatile bool _isBroken;
        private string? _problem;

        public Lane(ServerAddress address, Metadata headers)
        {
            _channel = GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
            {
                HttpHandler = address.Open(),
                DisposeHttpClient = true,
                MaxSendMessageSize = null,
            });
            _call = new V1.Matching.MatchingClient(_channel).MatchStream(headers);
            _reading = ReadAsync();
        }

        public string? Problem => _problem;

        public async Task<CallResult> CallAsync(ulong tag, PictureItem picture, CancellationToken cancellation)
        {
            var done = new TaskCompletionSource<CallResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[tag] = new Sent(picture, done);
            await _writing.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await _call.RequestStream.WriteAsync(
                    new V1.MatchStreamRequest { Tag = tag, Image = UnsafeByteOperations.UnsafeWrap(picture.File) },
                    cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                Fail(e.Message);
            }
            finally
            {
                _writing.Release();
            }

            // The stream may have broken before this one was waiting.
            if (_isBroken)
            {
                done.TrySetResult(CallResult.Failed);
            }

            return await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            _call.Dispose();
            await _reading;
            _channel.Dispose();
            _writing.Dispose();
        }

        private async Task ReadAsync()
        {
            try
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
                {
                    V1.MatchStreamResponse answer = _call.ResponseStream.Current;
                    if (_waiting.TryRemove(answer.Tag, out Sent? one))
                    {
                        one.Done.TrySetResult(ResultOf(answer, one.Picture));
                    }
                }

                Fail("the stream ended");
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                Fail(e.Message);
            }
        }

        private CallResult ResultOf(V1.MatchStreamResponse answer, PictureItem picture)
        {
            string? problem = answer.Error is { } error
                ? $"{error.Reason}: {error.Message}"
                : PreparedCall.ProblemOf(answer.Response, picture.IsListed);
            Interlocked.CompareExchange(ref _problem, problem, null);
            return problem is null ? CallResult.Answered
                : answer.Error is null ? CallResult.Wrong
                : answer.Error.Code == (int)StatusCode.ResourceExhausted ? CallResult.Shed
                : CallResult.Failed;
        }

        private void Fail(string problem)
        {
            _isBroken = true;
            Interlocked.CompareExchange(ref _problem, problem, null);
            foreach (ulong tag in _waiting.Keys)
            {
                if (_waiting.TryRemove(tag, out Sent? one))
                {
                    one.Done.TrySetResult(CallResult.Failed);
                }
            }
        }

        private sealed record Sent(PictureItem Picture, TaskCompletionSource<CallResult> Done);
    }
}
