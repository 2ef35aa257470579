using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Serving;

/// <summary>Uploads pictures one after another on a connection of its own, and checks every verdict.</summary>
internal sealed class HonestClient : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<(long Start, long End)> _times = [];
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly ConcurrentBag<string> _failed = [];
    private readonly Task _work;
    private int _retried;

    private HonestClient(TestedServer server)
    {
        _channel = server.Connect();
        _work = Task.Run(UploadAsync);
    }

    /// <summary>Verdicts that were not those of their pictures.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Uploads that got no verdict.</summary>
    public IReadOnlyCollection<string> Failed => _failed;

    /// <summary>Uploads that were told to come again, and did.</summary>
    public int Retried => Volatile.Read(ref _retried);

    /// <summary>Uploads that got one.</summary>
    public int Answered => _times.Count;

    /// <summary>One line of figures.</summary>
    public string Figures => FiguresOf(long.MinValue, long.MaxValue);

    /// <summary>Begins to upload.</summary>
    public static HonestClient Start(TestedServer server) => new(server);

    /// <summary>One line of figures.</summary>
    /// <param name="from">Uploads that were answered before this <see cref="Stopwatch"/> time are left out.</param>
    /// <param name="to">And those that were sent after this one.</param>
    public string FiguresOf(long from, long to)
    {
        double[] sorted =
        [
            .. _times.Where(time => time.End >= from && time.Start <= to)
                .Select(time => Stopwatch.GetElapsedTime(time.Start, time.End).TotalMilliseconds).Order(),
        ];
        return sorted.Length == 0
            ? "no verdict"
            : $"{sorted.Length} right verdicts, p50 {sorted[sorted.Length / 2]:F1} ms, "
                + $"p99 {sorted[(int)(sorted.Length * 0.99)]:F1} ms, "
                + $"{_retried} told to come again, {_failed.Count} failed, {_wrong.Count} wrong";
    }

    /// <summary>Ends it, the upload in hand included.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task UploadAsync()
    {
        var matching = new V1.Matching.MatchingClient(_channel);
        byte[][] pictures = [.. Enumerable.Range(0, TestedServer.Pictures).Select(TestedServer.Picture)];
        for (int number = 0; !_stop.IsCancellationRequested; number++)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                V1.MatchResponse verdict = await matching.MatchAsync(
                    new V1.MatchRequest { Image = ByteString.CopyFrom(pictures[number % pictures.Length]) },
                    deadline: DateTime.UtcNow.AddSeconds(60));
                _times.Add((start, Stopwatch.GetTimestamp()));
                if (TestedServer.WhyWrong(number, verdict) is { } wrong)
                {
                    _wrong.Add(wrong);
                }
            }
            catch (RpcException e) when (e.GetRpcStatus()?.GetDetail<RetryInfo>() is not null)
            {
                _ = Interlocked.Increment(ref _retried);
                number--;
                await Task.Delay(20, CancellationToken.None);
            }
            catch (RpcException e)
            {
                _failed.Add($"{e.StatusCode} {e.Status.Detail}");
            }
        }
    }
}
