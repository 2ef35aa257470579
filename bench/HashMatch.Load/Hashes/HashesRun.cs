using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Cli.Driving;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Hashes;

/// <summary>Callers that each have one call on its way, always; every answer is checked.</summary>
internal sealed class HashesRun : IDisposable
{
    private readonly HashesOptions _options;
    private readonly QueryPool _pool;
    private readonly GrpcChannel[] _channels;
    private readonly GrpcChannel _uploadChannel;
    private readonly ConcurrentDictionary<StatusCode, long> _errors = [];
    private readonly CallClock _calls = new();
    private readonly CallClock _uploads = new();
    private long _place;
    private long _start;
    private volatile bool _isOver;
    private volatile string? _wrong;

    public HashesRun(HashesOptions options, ServerAddress address)
    {
        _options = options;
        _pool = new QueryPool(options.Entries, options.Near, options.Seed, options.Hex);
        _channels = [.. Enumerable.Range(0, options.Connections).Select(_ => Connect(address))];
        _uploadChannel = Connect(address);
    }

    public IReadOnlyDictionary<StatusCode, long> Errors => _errors;

    /// <summary>The first wrong answer; the run ends by it.</summary>
    public string? Wrong => _wrong;

    /// <summary>Starts the callers.</summary>
    /// <returns>Ends once all of them have ended.</returns>
    public Task StartAsync(CancellationToken cancellation)
    {
        IEnumerable<Task> callers = Enumerable.Range(0, _options.InFlight).Select(caller => Task.Run(
            () => CallAsync(_calls, HashesCall(_channels[caller % _channels.Length]), cancellation),
            CancellationToken.None));
        if (_options.Upload is { } file)
        {
            // The upload must not wait for a thread of this process while answers are read.
            ThreadPool.SetMinThreads(Environment.ProcessorCount + _options.InFlight + 1, 1);
            callers = callers.Append(Task.Run(
                () => CallAsync(_uploads, UploadCall(_uploadChannel, file), cancellation), CancellationToken.None));
        }

        return Task.WhenAll(callers);
    }

    /// <summary>From now on calls count.</summary>
    public void Measure()
    {
        _start = Stopwatch.GetTimestamp();
        _calls.IsRunning = true;
        _uploads.IsRunning = true;
    }

    /// <summary>Calls count no more, and no more are made.</summary>
    public HashesFigures Stop()
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        var figures = new HashesFigures(elapsed, _calls.Stop(), _uploads.Stop());
        _isOver = true;
        return figures;
    }

    public void Dispose()
    {
        foreach (GrpcChannel channel in _channels.Append(_uploadChannel))
        {
            channel.Dispose();
        }
    }

    private static GrpcChannel Connect(ServerAddress address) => GrpcChannel.ForAddress(
        address.Uri,
        new GrpcChannelOptions
        {
            HttpHandler = address.Open(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
        });

    private async Task CallAsync(CallClock clock, Func<CallClock, Task<string?>> call, CancellationToken cancellation)
    {
        while (!_isOver && !cancellation.IsCancellationRequested)
        {
            try
            {
                if (await call(clock).ConfigureAwait(false) is { } problem)
                {
                    _wrong = problem;
                    _isOver = true;
                }
            }
            catch (RpcException e)
            {
                _errors.AddOrUpdate(e.StatusCode, 1, (_, known) => known + 1);
            }
        }
    }

    private Func<CallClock, Task<string?>> HashesCall(GrpcChannel channel)
    {
        var client = new V1.Matching.MatchingClient(channel);
        int count = _options.Queries;
        return async clock =>
        {
            int place = (int)(Interlocked.Add(ref _place, count) & int.MaxValue);
            V1.MatchHashesRequest request = _pool.Request(place, count);
            long start = Stopwatch.GetTimestamp();
            using AsyncUnaryCall<V1.MatchHashesResponse> call = client.MatchHashesAsync(request);
            V1.MatchHashesResponse response = await call.ResponseAsync.ConfigureAwait(false);
            clock.Take(start);
            return _pool.Problem(place, count, response);
        };
    }

    private static Func<CallClock, Task<string?>> UploadCall(GrpcChannel channel, string file)
    {
        var client = new V1.Matching.MatchingClient(channel);
        var request = new V1.MatchRequest { Image = ByteString.CopyFrom(File.ReadAllBytes(file)) };
        return async clock =>
        {
            long start = Stopwatch.GetTimestamp();
            using AsyncUnaryCall<V1.MatchResponse> call = client.MatchAsync(request);
            V1.MatchResponse response = await call.ResponseAsync.ConfigureAwait(false);
            clock.Take(start);
            return response.Hash.Length == 0 ? $"{file}: {response.UnhashableReason}" : null;
        };
    }
}
