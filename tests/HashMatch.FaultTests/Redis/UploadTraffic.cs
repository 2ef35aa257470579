using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>
/// Uploads and hashes that a server is asked about without a pause, known ones and unknown ones in turn. Every verdict
/// is checked, and how long it took is kept by phase.
/// </summary>
internal sealed class UploadTraffic : IAsyncDisposable
{
    /// <summary>On the list, as `known`.</summary>
    public static readonly string Known = Entries.RandomPdq(1);

    /// <summary>On none.</summary>
    public static readonly string Unknown = Entries.RandomPdq(2);

    private static readonly byte[] Picture = DrawnPicture.Draw(3);

    private readonly RunningServer _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _tookMs = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly Task _running;
    private volatile string _phase = "before";

    private UploadTraffic(RunningServer server)
    {
        _server = server;
        _running = Task.WhenAll(StreamAsync(), HashesAsync());
    }

    /// <summary>What was not answered as it must be; empty when all was.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Times from here on are kept under this name.</summary>
    public string Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public static UploadTraffic Over(RunningServer server) => new(server);

    /// <summary>Entries of the list that is asked about.</summary>
    public static HashEntry[] Listed =>
    [
        Curator.Entry(Known, "known"), Curator.Digest(Picture, "picture"),
    ];

    /// <summary>Creates that list.</summary>
    public static async Task CreateListAsync(string store, CancellationToken cancellation)
    {
        await using Curator curator = await Curator.OpenAsync(store, cancellation);
        await curator.CreateAsync("list", Listed, cancellation);
    }

    /// <summary>Verdicts of a phase.</summary>
    public int Count(string phase) => _tookMs.TryGetValue(phase, out ConcurrentQueue<double>? took) ? took.Count : 0;

    /// <summary>A percentile of a phase's times, in milliseconds.</summary>
    public double Percentile(string phase, double percent)
    {
        double[] sorted = [.. _tookMs.GetValueOrDefault(phase) ?? []];
        Array.Sort(sorted);
        return sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * percent / 100)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task HashesAsync()
    {
        for (int i = 0; !_stopping.IsCancellationRequested; i++)
        {
            bool isKnown = i % 2 == 0;
            string phase = _phase;
            long start = Stopwatch.GetTimestamp();
            try
            {
                Check(await _server.MatchHashAsync(isKnown ? Known : Unknown, CancellationToken.None),
                    isKnown ? "known" : null);
                Keep(phase, start);
            }
            catch (RpcException e)
            {
                _wrong.Enqueue($"{phase}: {e.Status}");
            }

            await Task.Delay(1);
        }
    }

    // One upload in flight on one stream, which must outlive every fault.
    private async Task StreamAsync()
    {
        try
        {
            using AsyncDuplexStreamingCall<V1.MatchStreamRequest, V1.MatchStreamResponse> call =
                _server.Matching.MatchStream(cancellationToken: CancellationToken.None);
            while (!_stopping.IsCancellationRequested)
            {
                await call.RequestStream.WriteAsync(
                    new V1.MatchStreamRequest { Image = Google.Protobuf.ByteString.CopyFrom(Picture) });
                if (!await call.ResponseStream.MoveNext(CancellationToken.None)
                    || call.ResponseStream.Current.Response is not { } response)
                {
                    _wrong.Enqueue($"{_phase}: the stream ended or held an error");
                    return;
                }

                Check(response, "picture");
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException e)
        {
            _wrong.Enqueue($"{_phase}: the stream: {e.Status}");
        }
    }

    private void Check(V1.MatchResponse verdict, string? expected)
    {
        bool isRight = expected is null
            ? verdict.Outcome == V1.Outcome.NoKnownMatch
            : verdict.Outcome is V1.Outcome.Near or V1.Outcome.Exact
                && verdict.Matches.Any(match => match.ExternalId == expected);
        if (!isRight || verdict.ListVersions.All(version => version.List != "list"))
        {
            _wrong.Enqueue($"{_phase}: {verdict.Outcome} where {expected ?? "no match"} was expected");
        }
    }

    private void Keep(string phase, long start) =>
        _tookMs.GetOrAdd(phase, _ => new ConcurrentQueue<double>())
            .Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
}
