using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>What `/metrics` says of a server; each is a process of its own, since its instruments are the process's.
/// </summary>
public sealed class MetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Store => $"sqlite:{_folder["data"]}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calls_stages_verdicts_matches_and_errors_are_counted()
    {
        await FillAsync(Store);
        using ServerProgram program = await ServerProgram.StartReadyAsync(Store, Cancellation);
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        byte[] picture = DrawnPicture.Draw(1);
        Assert.Equal(V1.Outcome.Near, (await MatchAsync(matching, picture)).Outcome);
        Assert.Equal(V1.Outcome.NoKnownMatch, (await MatchAsync(matching, DrawnPicture.Draw(2))).Outcome);
        Assert.Equal(V1.Outcome.Unhashable, (await MatchAsync(matching, picture[..500])).Outcome);
        await Assert.ThrowsAsync<RpcException>(() => MatchAsync(matching, []));
        var queries = new V1.MatchHashesRequest();
        queries.Queries.Add(Enumerable.Range(1, 50).Select(i => new V1.HashQuery { Pdq = Entries.RandomPdq(i) }));
        await matching.MatchHashesAsync(queries, cancellationToken: Cancellation);
        using (var stream = matching.MatchStream(cancellationToken: Cancellation))
        {
            await stream.RequestStream.WriteAsync(new V1.MatchStreamRequest(), Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            await stream.RequestStream.CompleteAsync();
            Assert.False(await stream.ResponseStream.MoveNext(Cancellation));
        }

        PrometheusText seen = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
        Assert.Equal(3, seen.Find(
            "hashmatch_call_duration_seconds_count", ("rpc", "Matching/Match"), ("status", "OK")));
        Assert.Equal(1, seen.Find(
            "hashmatch_call_errors_total",
            ("rpc", "Matching/Match"), ("status", "INVALID_ARGUMENT"), ("reason", "INVALID_FIELD")));
        Assert.Equal(1, seen.Find(
            "hashmatch_call_errors_total", ("rpc", "Matching/MatchStream"), ("reason", "INVALID_FIELD")));
        foreach (string stage in new[] { "queue", "digest", "decode", "find", "decide", "record" })
        {
            Assert.Equal(3, seen.Find("hashmatch_stage_duration_seconds_count", ("stage", stage)));
        }

        Assert.Equal(4, seen.Find("hashmatch_stage_duration_seconds_count", ("stage", "receive")));
        Assert.Equal(1, seen.Find("hashmatch_verdicts_total", ("outcome", "NEAR"), ("action", "BLOCK")));
        Assert.Equal(1, seen.Find("hashmatch_verdicts_total", ("outcome", "UNHASHABLE"), ("reason", "TRUNCATED")));
        // One upload and fifty hashes.
        Assert.Equal(51, seen.Find("hashmatch_verdicts_total", ("outcome", "NO_KNOWN_MATCH"), ("reason", "NONE")));
        Assert.Equal(1, seen.Find("hashmatch_matches_total", ("list", "plain"), ("kind", "deciding")));
        Assert.Equal(50, seen.Find("hashmatch_batch_queries_sum"));
        Assert.Equal(1, seen.Find("hashmatch_index_entries"));
        Assert.Equal(1, seen.Find("hashmatch_list_version", ("list", "plain")));
        Assert.True(seen.Find("hashmatch_list_age_seconds", ("list", "plain")) >= 0, "the list's age");
        Assert.True(seen.Find("hashmatch_index_age_seconds") is >= 0 and < 600, "the index's age");
        Assert.Equal(1, seen.Find("hashmatch_index_answers"));
        // From 50 us to 30 s, and beyond.
        Assert.Equal(1, seen.Find(
            "hashmatch_stage_duration_seconds_bucket", ("stage", "decide"), ("le", "5E-05")) is not null ? 1 : 0);
        Assert.Equal(3, seen.Find("hashmatch_stage_duration_seconds_bucket", ("stage", "decide"), ("le", "30")));
    }

    [Fact]
    public async Task No_caller_makes_series_grow()
    {
        await FillAsync(Store);
        using ServerProgram program = await ServerProgram.StartReadyAsync(Store, Cancellation);
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        await CallAsync(0);
        int before = (await PrometheusText.ReadAsync(program.Addresses[1], Cancellation)).OwnSeries;
        for (int i = 1; i <= 50; i++)
        {
            await CallAsync(i);
        }

        // Answers of the scrape before are kept for a moment.
        PrometheusText? after = null;
        await Eventually.TrueAsync(
            async () =>
            {
                after = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
                return after.Find("hashmatch_call_errors_total", ("rpc", "HashLists/GetList")) == 51;
            },
            "all calls are counted", Cancellation);
        Assert.Equal(before, after!.OwnSeries);

        async Task CallAsync(int i)
        {
            var lists = new V1.HashLists.HashListsClient(channel);
            var matching = new V1.Matching.MatchingClient(channel);
            var headers = new Metadata { { "user-agent", $"caller-{i}" }, { "x-name", $"name-{i}" } };
            await Assert.ThrowsAsync<RpcException>(async () => await lists.GetListAsync(
                new V1.GetListRequest { Name = $"list-{i}" }, headers, cancellationToken: Cancellation));
            await matching.MatchAsync(
                new V1.MatchRequest
                {
                    Image = ByteString.CopyFrom(DrawnPicture.Draw(100)),
                    Options = new V1.MatchOptions { Reference = $"reference-{i}" },
                },
                headers,
                cancellationToken: Cancellation);
            // Methods that there are none of.
            var unknown = new Method<V1.MatchRequest, V1.MatchRequest>(
                MethodType.Unary, $"hashmatch.v1.Service{i}", $"Method{i}",
                Marshallers.Create(m => m.ToByteArray(), V1.MatchRequest.Parser.ParseFrom),
                Marshallers.Create(m => m.ToByteArray(), V1.MatchRequest.Parser.ParseFrom));
            await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(
                unknown, null, new CallOptions(headers, cancellationToken: Cancellation), new V1.MatchRequest()));
        }
    }

    [Fact]
    public async Task A_listener_of_their_own_serves_metrics_and_health_and_nothing_else()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            Store, Cancellation, "--listen-metrics", "http://127.0.0.1:0");
        using var http = new HttpClient();
        (string json, string metrics) = (program.Addresses[1], program.Addresses[2]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{metrics}/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{metrics}/health/live"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{metrics}/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{metrics}/health/startup"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{metrics}/v1/lists"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{json}/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{json}/METRICS/"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{json}/v1/lists"));
        // A Host header does not move a connection to another listener.
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"{json}/metrics");
        asked.Headers.Host = new Uri(metrics).Authority;
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(asked, Cancellation)).StatusCode);

        async Task<HttpStatusCode> StatusAsync(string url) =>
            (await http.GetAsync(new Uri(url), Cancellation)).StatusCode;
    }

    [Fact]
    public async Task Without_metrics_there_is_no_endpoint()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            Store, Cancellation, "--HashMatch:Telemetry:Metrics=false");
        using var http = new HttpClient();
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await http.GetAsync(new Uri($"{program.Addresses[1]}/metrics"), Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_store_that_is_gone_is_seen_and_so_is_its_return()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        using ServerProgram program = await ServerProgram.StartReadyAsync(redis.Address, Cancellation);
        await SeesAsync(up: 1);
        redis.Kill();
        await SeesAsync(up: 0);
        PrometheusText gone = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
        Assert.True(gone.Find("hashmatch_store_faults_total", ("reason", "unavailable")) >= 1, gone.Text);
        Assert.True(gone.Find("hashmatch_store_contact_age_seconds") > 0, gone.Text);
        await redis.Start(Cancellation);
        await SeesAsync(up: 1);

        Task SeesAsync(int up) => Eventually.TrueAsync(
            async () => (await PrometheusText.ReadAsync(program.Addresses[1], Cancellation))
                .Find("hashmatch_store_up") == up,
            $"hashmatch_store_up is {up}", Cancellation);
    }

    [Fact]
    public async Task A_worker_that_was_killed_is_counted_and_another_one_comes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        await FillAsync(Store);
        using ServerProgram program = await ServerProgram.StartReadyAsync(Store, Cancellation);
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        PrometheusText before = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
        Assert.Equal(0, before.Find("hashmatch_workers_ended_total"));
        foreach (int worker in program.Children)
        {
            Process.GetProcessById(worker).Kill();
        }

        // GIFs are decoded by workers alone.
        byte[] gif = [.. "GIF89a"u8, 32, 0, 32, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 32, 0, 32, 0, 0, 2, 0, 0x3b];
        await Eventually.TrueAsync(
            async () =>
            {
                await MatchAsync(new V1.Matching.MatchingClient(channel), gif);
                PrometheusText seen = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
                return seen.Find("hashmatch_workers_ended_total", ("reason", "crashed")) >= 1
                    && seen.Find("hashmatch_workers_alive") >= before.Find("hashmatch_workers_alive");
            },
            "the killed worker is counted and replaced", Cancellation);
    }

    private static async Task<V1.MatchResponse> MatchAsync(V1.Matching.MatchingClient matching, byte[] image) =>
        await matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(image) }, cancellationToken: Cancellation);

    private static async Task FillAsync(string store)
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(store, Cancellation);
        string hash = (await server.Matching.HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) },
            cancellationToken: Cancellation)).Hash;
        await server.CreateAsync("plain", null, [Entries.Pdq(hash, "a")], Cancellation);
    }
}
