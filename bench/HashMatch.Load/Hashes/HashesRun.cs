using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Hashes;

/// <summary>Callers that each have one call on its way, always; every answer is checked.</summary>
internal sealed class HashesRun : IDisposable
{
    private readonly HashesOptions _options;
    private readonly QueryPool _pool;
    private readonly GrpcChannel[] _channels;
    private readonly ConcurrentDictionary<StatusCode, long> _errors = [];
    private readonly ConcurrentBag<List<long>> _latencies = [];
    private long _place;
    private long _calls;
    private long _start;
    private volatile bool _isMeasuring;
    private volatile bool _isOver;
    private volatile string? _wrong;

    public HashesRun(HashesOptions options, string address)
    {
        _options = options;
        _pool = new QueryPool(options);
        _channels = [.. Enumerable.Range(0, options.Connections).Select(_ => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler(),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = null,
            }))];
    }

    public IReadOnlyDictionary<StatusCode, long> Errors => _errors;

    /// <summary>The first wrong answer; the run ends by it.</summary>
    public string? Wrong => _wrong;

    /// <summary>Starts the callers.</summary>
    /// <returns>Ends once all of them have ended.</returns>
    public Task StartAsync(CancellationToken cancellation) => Task.WhenAll(
        Enumerable.Range(0, _options.InFlight).Select(caller => Task.Run(
            () => CallAsync(_channels[caller % _channels.Length], cancellation), CancellationToken.None)));

    /// <summary>From now on calls count.</summary>
    public void Measure()
    {
        _start = Stopwatch.GetTimestamp();
        _isMeasuring = true;
    }

    /// <summary>Calls count no more, and no more are made.</summary>
    public HashesFigures Stop()
    {
        _isMeasuring = false;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        long calls = Interlocked.Read(ref _calls);
        _isOver = true;
        TimeSpan[] latencies = [.. _latencies.SelectMany(Locked).Order().Select(
            ticks => TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency))];
        return new HashesFigures(elapsed, calls, latencies);
    }

    public void Dispose()
    {
        foreach (GrpcChannel channel in _channels)
        {
            channel.Dispose();
        }
    }

    private static long[] Locked(List<long> latencies)
    {
        lock (latencies)
        {
            return [.. latencies];
        }
    }

    private async Task CallAsync(GrpcChannel channel, CancellationToken cancellation)
    {
        var client = new V1.Matching.MatchingClient(channel);
        List<long> latencies = [];
        _latencies.Add(latencies);
        while (!_isOver && !cancellation.IsCancellationRequested)
        {
            int count = _options.Queries;
            int place = (int)(Interlocked.Add(ref _place, count) & int.MaxValue);
            V1.MatchHashesRequest request = _pool.Request(place, count);
            long start = Stopwatch.GetTimestamp();
            try
            {
                using AsyncUnaryCall<V1.MatchHashesResponse> call =
                    client.MatchHashesAsync(request, cancellationToken: cancellation);
                V1.MatchHashesResponse response = await call.ResponseAsync.ConfigureAwait(false);
                Take(latencies, Stopwatch.GetTimestamp() - start);
                if (_pool.Problem(place, count, response) is { } problem)
                {
                    _wrong = problem;
                    _isOver = true;
                }
            }
            catch (RpcException e) when (!cancellation.IsCancellationRequested)
            {
                _errors.AddOrUpdate(e.StatusCode, 1, (_, known) => known + 1);
            }
            catch (RpcException)
            {
                return;
            }
        }
    }

    private void Take(List<long> latencies, long ticks)
    {
        if (_isMeasuring)
        {
            Interlocked.Increment(ref _calls);
            lock (latencies)
            {
                latencies.Add(ticks);
            }
        }
    }
}
