using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Stores;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Events;

/// <summary>Callers that only send what matches, and every verdict that they got.</summary>
internal sealed class RecordedVerdicts
{
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private int _errors;

    /// <summary>The hash that is on the list.</summary>
    public static string Known { get; } = Entries.RandomPdq(1);

    /// <summary>The picture that is on the list.</summary>
    public static byte[] Picture { get; } = DrawnPicture.Draw(3);

    public int Count => _acknowledged.Count;

    /// <summary>Calls that got no verdict.</summary>
    public int Errors => Volatile.Read(ref _errors);

    /// <summary>What is on the list; each query and picture matches one entry.</summary>
    public static IEnumerable<V1.Entry> KnownEntries() =>
        [Entries.Pdq(Known, "hash"), Entries.Digest(V1.HashType.Md5, Picture, "picture")];

    /// <summary>Puts a list with durable events into a store.</summary>
    public static async Task CreateListAsync(string store, CancellationToken cancellation)
    {
        await using RunningServer filling = await RunningServer.StartReadyAsync(store, cancellation);
        await filling.CreateAsync(
            "durable", new V1.Policy { DurableEvents = true }, KnownEntries(), cancellation);
    }

    /// <summary>Keeps verdicts.</summary>
    public void Add(IEnumerable<V1.MatchResponse> verdicts)
    {
        foreach (V1.MatchResponse verdict in verdicts)
        {
            Assert.NotEmpty(verdict.Matches);
            _acknowledged.Enqueue(verdict.VerdictId);
        }
    }

    /// <summary>Calls of every kind, as many as there are callers at a time, until told to stop.</summary>
    public Task LoadAsync(string address, int callers, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            using GrpcChannel channel = GrpcChannel.ForAddress(address);
            var matching = new V1.Matching.MatchingClient(channel);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Add(await CallAsync(matching, caller, stop));
                }
                catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
                {
                    Interlocked.Increment(ref _errors);
                    await Task.Yield();
                }
            }
        }));

    /// <summary>Waits until every verdict is on record, then says what is there.</summary>
    /// <returns>Events of a verdict beyond its one; events whose verdict nobody got.</returns>
    public async Task<(int Duplicates, int Unseen)> OnRecordAsync(IListStore store, CancellationToken cancellation)
    {
        Dictionary<string, int> found = [];
        string? cursor = null;
        int missing = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                while (await store.ReadEventsAsync(cursor, 1000, cancellation) is { Count: > 0 } page)
                {
                    // An entry that matches so often raises an alarm, which names a verdict too.
                    foreach (V1.MatchEvent read in page.Select(e => V1.MatchEvent.Parser.ParseFrom(e.Document.Span))
                        .Where(e => e.Quarantined is null))
                    {
                        found[read.VerdictId] = found.GetValueOrDefault(read.VerdictId) + 1;
                    }

                    cursor = page[^1].Cursor;
                }

                missing = _acknowledged.Count(id => !found.ContainsKey(id));
                return missing == 0;
            },
            $"all of {_acknowledged.Count} verdicts are on record", cancellation);
        Assert.Equal(0, missing);
        return (found.Values.Sum(count => count - 1), found.Count - _acknowledged.Count);
    }

    private static async Task<IEnumerable<V1.MatchResponse>> CallAsync(
        V1.Matching.MatchingClient matching, int caller, CancellationToken stop)
    {
        switch (caller % 4)
        {
            case 0:
                return [await matching.MatchAsync(
                    new V1.MatchRequest { Image = ByteString.CopyFrom(Picture) }, cancellationToken: stop)];
            case 1:
                using (var call = matching.MatchUpload(cancellationToken: stop))
                {
                    await call.RequestStream.WriteAsync(
                        new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(Picture) }, stop);
                    await call.RequestStream.CompleteAsync();
                    return [await call];
                }

            case 2:
                using (var call = matching.MatchStream(cancellationToken: stop))
                {
                    for (ulong tag = 0; tag < 4; tag++)
                    {
                        await call.RequestStream.WriteAsync(
                            new V1.MatchStreamRequest { Tag = tag, Image = ByteString.CopyFrom(Picture) }, stop);
                    }

                    await call.RequestStream.CompleteAsync();
                    List<V1.MatchResponse> verdicts = [];
                    await foreach (V1.MatchStreamResponse item in call.ResponseStream.ReadAllAsync(stop))
                    {
                        if (item.Response is { } response)
                        {
                            verdicts.Add(response);
                        }
                    }

                    return verdicts;
                }

            default:
                return (await matching.MatchHashesAsync(
                    new V1.MatchHashesRequest
                    {
                        Queries = { Enumerable.Repeat(new V1.HashQuery { Pdq = Known }, 20) },
                    },
                    cancellationToken: stop)).Results;
        }
    }
}
