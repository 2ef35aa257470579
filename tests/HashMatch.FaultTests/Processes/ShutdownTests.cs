using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.FaultTests.Serving;
using HashMatch.FaultTests.Transport;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Processes;

/// <summary>Signals to a server under load: every call in flight is answered, and the exit code is 0.</summary>
public sealed class ShutdownTests
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int Lanes = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SIGTERM", SigTerm, 1)]
    [InlineData("SIGTERM twice", SigTerm, 2)]
    [InlineData("SIGINT", SigInt, 1)]
    [InlineData("SIGHUP", SigHup, 1)]
    public async Task A_signal_under_load_answers_every_call_and_ends_with_0(string name, int signal, int times)
    {
        await using TestedServer server = await TestedServer.StartAsync(
            Cancellation, "--HashMatch:DrainTimeout=00:00:30");
        using RawConnection idle = await RawConnection.OpenHttp2Async(server.Address, Cancellation);
        var answers = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        Task[] lanes = [.. Enumerable.Range(0, Lanes).Select(lane => UploadAsync(server, lane, answers, stop.Token))];
        await Eventually.TrueAsync(() => answers.Count > 3 * Lanes, "there is load", Cancellation);
        for (int i = 0; i < times; i++)
        {
            server.Program.Signal(signal);
        }

        int exitCode = await server.Program.EndAsync(Cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(lanes);
        await Eventually.TrueAsync(() => idle.IsClosed, "connections are closed", Cancellation);
        string seen = string.Join(", ", answers.GroupBy(answer => answer).Select(a => $"{a.Key} {a.Count()}"));
        FaultRow.Seen(
            $"{name} under load", "verdict, UNAVAILABLE or a shed for every call, GOAWAY, exit code 0",
            $"exit code {exitCode}, GOAWAY {(idle.GoAwayCode is null ? "none" : "sent")}; {seen}");
        Assert.Equal(0, exitCode);
        Assert.NotNull(idle.GoAwayCode);
        // A connection that is refused is UNAVAILABLE as well: nobody is left without an answer.
        Assert.Empty(answers.Distinct().Except(["right", "Unavailable", "ResourceExhausted", "after GOAWAY"]));
    }

    private static async Task UploadAsync(
        TestedServer server, int lane, ConcurrentBag<string> answers, CancellationToken stop)
    {
        using GrpcChannel channel = server.Connect();
        var matching = new V1.Matching.MatchingClient(channel);
        for (int number = lane; !stop.IsCancellationRequested; number++)
        {
            try
            {
                V1.MatchResponse verdict = lane % 2 == 0
                    ? await matching.MatchAsync(
                        new V1.MatchRequest { Image = ByteString.CopyFrom(TestedServer.Picture(number)) },
                        deadline: DateTime.UtcNow.AddSeconds(60), cancellationToken: CancellationToken.None)
                    : await InChunksAsync(matching, TestedServer.Picture(number));
                answers.Add(TestedServer.WhyWrong(number, verdict) ?? "right");
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Internal
                && e.Status.DebugException is HttpRequestException or HttpProtocolException)
            {
                // Begun behind the GOAWAY: the client's own word for a call that the server never took.
                answers.Add(e.Status.Detail.Contains("NO_ERROR", StringComparison.Ordinal) ? "after GOAWAY"
                    : e.Status.Detail);
                return;
            }
            catch (RpcException e)
            {
                answers.Add($"{e.StatusCode}");
                if (e.StatusCode == StatusCode.Unavailable)
                {
                    return;
                }
            }
        }
    }

    private static async Task<V1.MatchResponse> InChunksAsync(V1.Matching.MatchingClient matching, byte[] picture)
    {
        using AsyncClientStreamingCall<V1.MatchUploadRequest, V1.MatchResponse> call =
            matching.MatchUpload(deadline: DateTime.UtcNow.AddSeconds(60));
        return await call.SendAsync(
            picture.Chunk(1000).Select(chunk => new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(chunk) }),
            Cancellation);
    }
}
