using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Load.Broken;
using HashMatch.Tests.Imaging;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Soak;

/// <summary>
/// All that callers do, in lanes that each do one thing again and again: uploads of every format, whole, in chunks and
/// in streams, broken ones, hashes, mistakes, calls that are cancelled, connections that come and go, lists that
/// change.
/// </summary>
internal sealed class SoakTraffic(string address)
{
    private const string List = "soak";
    private const int CallsOfConnection = 40;
    private static readonly TimeSpan BetweenEdits = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, long> _answers = new(StringComparer.Ordinal);
    private readonly byte[][] _pictures = [.. Encodings.All.Values.Select(picture => picture.File)];
    private long _calls;

    /// <summary>Calls that were answered.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Answers by their kind.</summary>
    public IReadOnlyDictionary<string, long> Answers => _answers;

    /// <summary>Answers that only a fault of the server gives.</summary>
    public IEnumerable<string> Faults => _answers.Keys.Where(
        answer => answer.EndsWith("Internal", StringComparison.Ordinal)
            || answer.EndsWith("Unknown", StringComparison.Ordinal));

    /// <summary>Goes on until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        LaneAsync("match", MatchAsync, stop),
        LaneAsync("broken", BrokenAsync, stop),
        LaneAsync("chunks", ChunksAsync, stop),
        LaneAsync("stream", StreamAsync, stop),
        LaneAsync("hashes", HashesAsync, stop),
        LaneAsync("mistakes", MistakeAsync, stop),
        LaneAsync("cancelled", CancelledAsync, stop),
        LaneAsync("edits", EditAsync, stop));

    private async Task LaneAsync(
        string name, Func<GrpcChannel, Random, int, Task> call, CancellationToken stop)
    {
        var random = new Random(name.Length);
        for (int number = 0; !stop.IsCancellationRequested;)
        {
            using GrpcChannel channel = GrpcChannel.ForAddress(address);
            for (int i = 0; i < CallsOfConnection && !stop.IsCancellationRequested; i++, number++)
            {
                string answer = "ok";
                try
                {
                    await call(channel, random, number);
                }
                catch (RpcException e)
                {
                    answer = $"{e.StatusCode}";
                }
                catch (Exception e) when (
                    e is InvalidOperationException or OperationCanceledException or NullReferenceException)
                {
                    // HttpClient's own null reference: the answer had ended the request.
                    answer = "cut off";
                }

                _answers.AddOrUpdate($"{name}: {answer}", 1, (_, count) => count + 1);
                _ = Interlocked.Increment(ref _calls);
            }
        }
    }

    private static DateTime Soon() => DateTime.UtcNow.AddSeconds(60);

    private async Task MatchAsync(GrpcChannel channel, Random random, int number) =>
        await new V1.Matching.MatchingClient(channel).MatchAsync(
            new V1.MatchRequest
            {
                Image = ByteString.CopyFrom(_pictures[number % _pictures.Length]),
                Options = new V1.MatchOptions { Dihedral = random.Next(2) == 0 },
            },
            deadline: Soon());

    private async Task BrokenAsync(GrpcChannel channel, Random random, int number)
    {
        byte[] picture = _pictures[random.Next(_pictures.Length)];
        await new V1.Matching.MatchingClient(channel).MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(Mutations.Break(picture, picture, random)) },
            deadline: Soon());
    }

    private async Task ChunksAsync(GrpcChannel channel, Random random, int number)
    {
        using var call = new V1.Matching.MatchingClient(channel).MatchUpload(deadline: Soon());
        foreach (byte[] chunk in _pictures[number % _pictures.Length].Chunk(random.Next(500, 20_000)))
        {
            await call.RequestStream.WriteAsync(new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(chunk) });
        }

        await call.RequestStream.CompleteAsync();
        await call;
    }

    private async Task StreamAsync(GrpcChannel channel, Random random, int number)
    {
        using var call = new V1.Matching.MatchingClient(channel).MatchStream(deadline: Soon());
        int count = random.Next(1, 20);
        for (uint tag = 0; tag < count; tag++)
        {
            await call.RequestStream.WriteAsync(new V1.MatchStreamRequest
            {
                Tag = tag,
                Image = ByteString.CopyFrom(_pictures[random.Next(_pictures.Length)]),
            });
        }

        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            // Each with its own verdict.
        }
    }

    private async Task HashesAsync(GrpcChannel channel, Random random, int number) =>
        await new V1.Matching.MatchingClient(channel).MatchHashesAsync(
            new V1.MatchHashesRequest
            {
                Queries = { Enumerable.Range(0, 200).Select(_ => new V1.HashQuery { Pdq = Hash(random) }) },
            },
            deadline: Soon());

    private static async Task MistakeAsync(GrpcChannel channel, Random random, int number)
    {
        var matching = new V1.Matching.MatchingClient(channel);
        var lists = new V1.HashLists.HashListsClient(channel);
        switch (number % 4)
        {
            case 0:
                await matching.MatchAsync(new V1.MatchRequest(), deadline: Soon());
                break;
            case 1:
                await matching.MatchHashesAsync(
                    new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = "no hash" } } },
                    deadline: Soon());
                break;
            case 2:
                await lists.GetListAsync(new V1.GetListRequest { Name = "no-such-list" }, deadline: Soon());
                break;
            default:
                await matching.MatchAsync(
                    new V1.MatchRequest { Image = ByteString.CopyFrom(new byte[100_000]) }, deadline: Soon());
                break;
        }

        await Task.Delay(5);
    }

    private async Task CancelledAsync(GrpcChannel channel, Random random, int number)
    {
        using var hangUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 40)));
        await new V1.Matching.MatchingClient(channel).MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(_pictures[random.Next(_pictures.Length)]) },
            cancellationToken: hangUp.Token);
    }

    // Versions are deleted again, so that a day of it does not fill the disk.
    private static async Task EditAsync(GrpcChannel channel, Random random, int number)
    {
        var lists = new V1.HashLists.HashListsClient(channel);
        if (number == 0)
        {
            await lists.CreateListAsync(new V1.CreateListRequest { Name = List }, deadline: Soon());
        }

        await Task.Delay(BetweenEdits);
        if (number % 20 == 0)
        {
            await LoadAsync(lists, random);
            return;
        }

        await lists.AddEntriesAsync(
            new V1.AddEntriesRequest { Name = List, Entries = { Entry(random) } }, deadline: Soon());
    }

    private static async Task LoadAsync(V1.HashLists.HashListsClient lists, Random random)
    {
        using var stage = lists.StageVersion(deadline: Soon());
        await stage.RequestStream.WriteAsync(
            new V1.StageVersionRequest
            {
                Header = new V1.StageVersionRequest.Types.Header { List = List, Force = true },
            });
        await stage.RequestStream.WriteAsync(new V1.StageVersionRequest
        {
            Batch = new V1.StageVersionRequest.Types.Batch
            {
                Entries = { Enumerable.Range(0, 5000).Select(_ => Entry(random)) },
            },
        });
        await stage.RequestStream.CompleteAsync();
        ulong version = (await stage).Version.Version;
        V1.HashList list = await lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = List, Version = version }, deadline: Soon());
        foreach (V1.ListVersion old in list.Versions.Where(old => old.Version + 2 < version))
        {
            await lists.DeleteVersionAsync(
                new V1.DeleteVersionRequest { Name = List, Version = old.Version }, deadline: Soon());
        }
    }

    private static V1.Entry Entry(Random random) => new()
    {
        Type = V1.HashType.Pdq,
        Value = Hash(random),
        ExternalId = random.Next().ToString(CultureInfo.InvariantCulture),
    };

    private static string Hash(Random random)
    {
        byte[] hash = new byte[32];
        for (int i = 0; i < 16; i++)
        {
            // Half of the bits are set, as in any picture's hash.
            hash[2 * i] = (byte)random.Next(256);
            hash[(2 * i) + 1] = (byte)~hash[2 * i];
        }

        return Convert.ToHexStringLower(hash);
    }
}
