using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Server.Telemetry;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>One span a call, with its stages below it.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Store => $"sqlite:{_folder["data"]}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_call_is_a_span_of_its_callers_trace_with_a_child_a_stage_and_nothing_of_its_baggage()
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServerTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            Store, Cancellation, "--HashMatch:AllowEmptyIndex=true");
        var headers = new Metadata
        {
            { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" }, { "tracestate", "a=b" }, { "baggage", "a=b" },
        };
        await server.Matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) }, headers,
            cancellationToken: Cancellation);
        await Assert.ThrowsAsync<RpcException>(async () => await server.Matching.MatchAsync(
            new V1.MatchRequest(), headers, cancellationToken: Cancellation));
        await Eventually.TrueAsync(
            () => spans.Count(span => span.Kind == ActivityKind.Server) == 2, "both calls have ended", Cancellation);

        Activity call = spans.Single(span =>
            span.Kind == ActivityKind.Server && Equals(span.GetTagItem("rpc.grpc.status"), "OK"));
        Assert.Equal(("Matching/Match", "00f067aa0ba902b7"), (call.DisplayName, call.ParentSpanId.ToHexString()));
        Activity[] stages = [.. spans.Where(span => span.ParentSpanId == call.SpanId)];
        Assert.Equal(
            ["receive", "queue", "digest", "decode", "find", "decide", "record"],
            stages.Select(stage => stage.DisplayName));
        Assert.All(stages, stage => Assert.InRange(
            stage.StartTimeUtc, call.StartTimeUtc.AddMilliseconds(-20), call.StartTimeUtc + call.Duration));
        Assert.All(spans, span =>
        {
            Assert.Empty(span.Baggage);
            Assert.Null(span.TraceStateString);
            Assert.Empty(span.Events);
            Assert.Null(span.StatusDescription);
        });
        Activity failed = spans.Single(span => Equals(span.GetTagItem("rpc.grpc.status"), "INVALID_ARGUMENT"));
        Assert.Equal("INVALID_FIELD", failed.GetTagItem("hashmatch.reason"));
        // A caller's mistake is no error of the server's.
        Assert.Equal(ActivityStatusCode.Unset, failed.Status);
        Assert.Equal(
            ["hashmatch.reason", "rpc.grpc.status", "rpc.method", "rpc.service", "rpc.system"],
            spans.SelectMany(span => span.TagObjects.Select(tag => tag.Key)).Distinct().Order());
    }

    [Theory]
    [InlineData("0", false, false)]
    [InlineData("0", true, true)]
    [InlineData("1", false, true)]
    public async Task Sampling_is_the_settings_where_the_caller_does_not_decide(
        string sampling, bool callerSamples, bool isTraced)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(Cancellation);
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            Store,
            Cancellation,
            $"--HashMatch:Telemetry:OtlpEndpoint={collector.Address}",
            "--HashMatch:Telemetry:OtlpProtocol=Http",
            $"--HashMatch:Telemetry:TraceSampling={sampling}");
        using (GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]))
        {
            var headers = new Metadata();
            if (callerSamples)
            {
                headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            }

            await new V1.HashLists.HashListsClient(channel).ListListsAsync(
                new V1.ListListsRequest(), headers, cancellationToken: Cancellation);
        }

        // What is still here is sent before the end.
        program.Terminate();
        Assert.Equal(0, await program.EndAsync(Cancellation));
        Assert.Equal(
            isTraced,
            collector.Traces.Any(body => Encoding.Latin1.GetString(body).Contains(
                "HashLists/ListLists", StringComparison.Ordinal)));
        Assert.Contains(collector.Metrics, body => Encoding.Latin1.GetString(body).Contains(
            "hashmatch.call.duration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_away_costs_no_call_anything()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            Store,
            Cancellation,
            $"--HashMatch:Telemetry:OtlpEndpoint=http://127.0.0.1:{FreePorts.Take()}",
            "--HashMatch:Telemetry:TraceSampling=1");
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        var lists = new V1.HashLists.HashListsClient(channel);
        for (int i = 0; i < 200; i++)
        {
            await lists.ListListsAsync(
                new V1.ListListsRequest(), deadline: DateTime.UtcNow.AddSeconds(10), cancellationToken: Cancellation);
        }

        program.Terminate();
        Assert.Equal(0, await program.EndAsync(Cancellation));
        Assert.DoesNotContain("rror", program.Output, StringComparison.Ordinal);
    }
}
