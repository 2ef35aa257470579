using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Tests.Imaging;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Processes;

/// <summary>Decode workers of a server process that crash and hang, under load.</summary>
public sealed class WorkerKillTests
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    private static readonly string[] Names = ["webp", "gif", "avif", "tiff deflate", "png interlaced", "jpeg cmyk"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("crash", SigKill)]
    [InlineData("hang", SigStop)]
    public async Task A_worker_that_is_lost_costs_its_own_upload_only(string what, int signal)
    {
        await using TestedServer server = await TestedServer.StartAsync(
            Cancellation, "--HashMatch:Images:Timeout=00:00:02");
        ProcessFigures before = server.Figures;
        using var stop = new CancellationTokenSource();
        await using HonestClient honest = HonestClient.Start(server);
        Task<Dictionary<string, int>>[] uploads =
            [.. Enumerable.Range(0, 3).Select(_ => UploadAsync(server, stop.Token))];
        int lost = 0;
        int rounds = LongRuns.Times(12);
        var random = new Random(6);
        for (int round = 0; round < rounds; round++)
        {
            await Eventually.TrueAsync(
                () => server.Figures.Children.Count > 0, "there is a worker", Cancellation);
            IReadOnlyList<int> workers = server.Figures.Children;
            lost += Send(workers[random.Next(workers.Count)], signal) == 0 ? 1 : 0;
            // In the middle of some upload: which one is up to chance.
            await Task.Delay(random.Next(300), Cancellation);
        }

        await stop.CancelAsync();
        Dictionary<string, int>[] seen = await Task.WhenAll(uploads);
        await honest.StopAsync();
        int failed = seen.Sum(s => s.Where(outcome => outcome.Key is "DecoderFailed" or "TimedOut").Sum(o => o.Value));
        int right = seen.Sum(s => s.GetValueOrDefault("ok"));
        await Eventually.TrueAsync(() => server.Figures.Zombies == 0, "no zombie is left", Cancellation);
        // A stopped worker that has no upload is found out by the next one that it gets.
        await DrainStoppedAsync(server);
        ProcessFigures after = server.Figures;
        FaultRow.Seen(
            $"worker {what} x{lost} under load", "one upload each is DECODER_FAILED or TIMED_OUT; no zombie, no handle",
            $"{right} right, {failed} failed; honest client: {honest.Figures}; handles {before.Handles} to "
            + $"{after.Handles}, workers {before.Children.Count} to {after.Children.Count}");
        Assert.True(right > 0);
        Assert.InRange(failed, 0, lost);
        Assert.Empty(seen.SelectMany(s => s.Keys).Except(["ok", "DecoderFailed", "TimedOut", "told to come again"]));
        Assert.Empty(honest.Wrong);
        Assert.Empty(honest.Failed);
        // Each worker has two pipes, a memfd and its figures; there may be one worker more than at first.
        Assert.InRange(after.Handles, 0, before.Handles + 24);
        await server.AssertServesAsync(Cancellation);
    }

    private static async Task<Dictionary<string, int>> UploadAsync(TestedServer server, CancellationToken stop)
    {
        using GrpcChannel channel = server.Connect();
        var matching = new V1.Matching.MatchingClient(channel);
        var seen = new Dictionary<string, int>();
        for (int number = 0; !stop.IsCancellationRequested; number++)
        {
            string outcome = await OutcomeAsync(matching, Names[number % Names.Length]);
            seen[outcome] = seen.GetValueOrDefault(outcome) + 1;
        }

        return seen;
    }

    private static async Task<string> OutcomeAsync(V1.Matching.MatchingClient matching, string name)
    {
        try
        {
            V1.MatchResponse verdict = await matching.MatchAsync(
                new V1.MatchRequest { Image = ByteString.CopyFrom(Encodings.All[name].File) },
                deadline: DateTime.UtcNow.AddSeconds(60));
            return verdict.Outcome == V1.Outcome.Unhashable ? $"{verdict.UnhashableReason}" : "ok";
        }
        catch (RpcException e) when (e.GetRpcStatus()?.GetDetail<RetryInfo>() is not null)
        {
            return "told to come again";
        }
        catch (RpcException e)
        {
            return $"{e.StatusCode}";
        }
    }

    private static async Task DrainStoppedAsync(TestedServer server)
    {
        for (int number = 0; number < 12; number++)
        {
            await OutcomeAsync(server.Matching, Names[number % Names.Length]);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Send(int process, int signal);
}
