using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Broken;

/// <summary>Sends files through Match, so many at a time, each once.</summary>
internal static class BrokenRun
{
    /// <summary>A call that takes so long hangs.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>Sends all, or as many as there is time for.</summary>
    /// <param name="address">The server's.</param>
    /// <param name="images">Made as they are sent, one at a time.</param>
    /// <param name="inFlight">Calls at a time, each on a lane of its own; one connection for 16 of them.</param>
    /// <param name="stop">Ends the sending; what was sent is still answered.</param>
    /// <returns>One answer a file, in no order.</returns>
    public static async Task<IReadOnlyList<BrokenAnswer>> RunAsync(
        string address, IEnumerable<BrokenImage> images, int inFlight, CancellationToken stop)
    {
        GrpcChannel[] channels = [.. Enumerable.Range(0, (inFlight + 15) / 16).Select(_ => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { MaxSendMessageSize = null }))];
        var answers = new ConcurrentBag<BrokenAnswer>();
        using IEnumerator<BrokenImage> source = images.GetEnumerator();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, inFlight).Select(lane => Task.Run(
                async () =>
                {
                    var matching = new V1.Matching.MatchingClient(channels[lane % channels.Length]);
                    while (!stop.IsCancellationRequested && Next(source) is { } image)
                    {
                        answers.Add(await SendAsync(matching, image));
                    }
                },
                CancellationToken.None)));
        }
        finally
        {
            Array.ForEach(channels, channel => channel.Dispose());
        }

        return [.. answers];
    }

    private static BrokenImage? Next(IEnumerator<BrokenImage> source)
    {
        lock (source)
        {
            return source.MoveNext() ? source.Current : null;
        }
    }

    private static async Task<BrokenAnswer> SendAsync(V1.Matching.MatchingClient matching, BrokenImage image)
    {
        var request = new V1.MatchRequest { Image = UnsafeByteOperations.UnsafeWrap(image.Bytes) };
        long start = Stopwatch.GetTimestamp();
        try
        {
            V1.MatchResponse verdict = await matching.MatchAsync(request, deadline: DateTime.UtcNow + Hang);
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            string outcome = verdict.Outcome == V1.Outcome.Unhashable
                ? $"{verdict.Outcome} {verdict.UnhashableReason}"
                : $"{verdict.Outcome}";
            bool isDefined = verdict.Outcome is V1.Outcome.Exact or V1.Outcome.Near or V1.Outcome.NoKnownMatch
                || (verdict.Outcome == V1.Outcome.Unhashable
                    && verdict.UnhashableReason != V1.UnhashableReason.Unspecified);
            return new BrokenAnswer(image.Name, outcome, taken, isDefined);
        }
        catch (RpcException e)
        {
            // An empty upload is a caller's mistake, and one over the limit of bytes is refused before it is read.
            bool isDefined = (e.StatusCode == StatusCode.InvalidArgument && image.Bytes.Length == 0)
                || e.StatusCode == StatusCode.ResourceExhausted;
            return new BrokenAnswer(image.Name, $"{e.StatusCode}", Stopwatch.GetElapsedTime(start), isDefined);
        }
    }
}
