using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Grpc.Health.V1;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>Startup, liveness, readiness, and the order of a shutdown.</summary>
public sealed class ProbeTests : IDisposable
{
    private static readonly TimeSpan DrainDelay = TimeSpan.FromSeconds(6);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Startup_is_over_with_the_first_index_and_stays_so_when_the_store_goes()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        redis.Stop();
        await using RunningServer server = await RunningServer.StartAsync(
            redis.Address, Cancellation, "--HashMatch:MaxIndexAge=00:00:02");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync("startup"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync("ready"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("live"));
        await redis.Start(Cancellation);
        await Eventually.TrueAsync(
            async () => await AskAsync("startup") == HttpStatusCode.OK, "it has started", Cancellation);
        redis.Kill();
        await Eventually.TrueAsync(
            async () => await AskAsync("ready") == HttpStatusCode.ServiceUnavailable, "the index is too old",
            Cancellation);
        // A container that is restarted now would have no index at all.
        Assert.Equal(HttpStatusCode.OK, await AskAsync("startup"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("live"));

        async Task<HttpStatusCode> AskAsync(string what) =>
            (await server.Json.GetAsync(new Uri($"/health/{what}", UriKind.Relative), Cancellation)).StatusCode;
    }

    [Fact]
    public async Task A_shutdown_says_so_then_serves_on_then_sends_goaway_and_answers_what_is_in_flight()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            $"sqlite:{_folder["data"]}",
            Cancellation,
            $"--HashMatch:DrainDelay={DrainDelay:c}",
            "--HashMatch:DrainTimeout=00:01:00",
            "--HashMatch:AllowEmptyIndex=true");
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        var health = new Health.HealthClient(channel);
        using var http = new HttpClient { BaseAddress = new Uri(program.Addresses[1]) };
        byte[] picture = DrawnPicture.Draw(1);
        using var upload = matching.MatchUpload(cancellationToken: Cancellation);
        await upload.RequestStream.WriteAsync(
            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(picture[..500]) }, Cancellation);
        using HttpTwoConnection idle = await HttpTwoConnection.OpenAsync(program.Addresses[0], Cancellation);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await StatusAsync());

        var clock = Stopwatch.StartNew();
        program.Terminate();
        await Eventually.TrueAsync(
            async () => await StatusAsync() == HealthCheckResponse.Types.ServingStatus.NotServing,
            "health says that it stops", Cancellation);
        TimeSpan told = clock.Elapsed;
        using HttpResponseMessage ready = await http.GetAsync(
            new Uri("/health/ready", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using HttpResponseMessage live = await http.GetAsync(new Uri("/health/live", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        // A load balancer that has not looked yet loses nothing.
        await matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(picture) }, cancellationToken: Cancellation);
        bool isBefore = clock.Elapsed < DrainDelay;
        Assert.True(idle.GoAway is null || !isBefore, "GOAWAY came before the delay was over");

        await Eventually.TrueAsync(() => idle.GoAway is not null, "GOAWAY comes", Cancellation);
        TimeSpan away = clock.Elapsed;
        Assert.Equal(0u, idle.GoAway);
        Assert.True(away >= DrainDelay - TimeSpan.FromMilliseconds(100), $"GOAWAY came after {away}");
        await idle.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        await upload.RequestStream.WriteAsync(
            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(picture[500..]) }, Cancellation);
        await upload.RequestStream.CompleteAsync();
        Assert.Equal(V1.Outcome.NoKnownMatch, (await upload).Outcome);
        Assert.Equal(0, await program.EndAsync(Cancellation));
        TestContext.Current.TestOutputHelper?.WriteLine($"NOT_SERVING after {told}, GOAWAY after {away}");

        async Task<HealthCheckResponse.Types.ServingStatus> StatusAsync() =>
            (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Cancellation)).Status;
    }
}
