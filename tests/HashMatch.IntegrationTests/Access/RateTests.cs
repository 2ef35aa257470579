using System.Net;
using System.Net.Http.Json;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>Each caller has its rate, and nobody else's.</summary>
public sealed class RateTests : IAsyncLifetime
{
    private readonly KeyedServer _server = KeyedServer.Prepare();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.LoadAsync(
            "list", new MatchPolicy(), Cancellation, KeyedServer.Pdq(RedactionTests.Hash(1), "a"));
        await _server.AddAsync("slow", ["matcher"], Cancellation, rate: 1);
        await _server.AddAsync("default", ["matcher"], Cancellation);
        await _server.AddAsync("unbound", ["matcher", "list-editor"], Cancellation, rate: 0);
        await _server.StartAsync(Cancellation, "--HashMatch:Access:Rate=3");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("slow", 2)]
    [InlineData("default", 6)]
    public async Task A_burst_of_two_seconds_passes_and_the_next_one_waits(string caller, int burst)
    {
        byte[] picture = DrawnPicture.Draw(3);
        int passed = 0;
        RpcException? refused = null;
        while (refused is null && passed < 200)
        {
            try
            {
                await _server.UploadAsync(caller, picture, Cancellation);
                passed++;
            }
            catch (RpcException e)
            {
                refused = e;
            }
        }

        // What the bucket gains meanwhile passes too, on a slow machine as much again and more.
        Assert.InRange(passed, burst, burst + 100);
        Assert.Equal(StatusCode.ResourceExhausted, refused!.StatusCode);
        Assert.Equal("RATE_LIMITED", refused.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason);
        TimeSpan delay = refused.GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.ToTimeSpan();
        Assert.InRange(delay, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
        await _server.UploadAsync("unbound", picture, Cancellation);
        await Eventually.TrueAsync(
            async () => await PassesAsync(() => _server.UploadAsync(caller, picture, Cancellation)),
            "the caller is let in again", Cancellation);
    }

    [Fact]
    public async Task Hashes_cost_by_their_number()
    {
        // 200 hashes are the burst of one upload a second; a call that is larger takes all of it.
        await MatchAsync("slow", 150);
        await Statuses.FailsAsync(
            StatusCode.ResourceExhausted, "RATE_LIMITED", () => MatchAsync("slow", 190), canRetry: true);
        await MatchAsync("default", 5000);
        await Statuses.FailsAsync(
            StatusCode.ResourceExhausted, "RATE_LIMITED", () => MatchAsync("default", 5000), canRetry: true);
        await MatchAsync("unbound", 10_000);
        await MatchAsync("unbound", 10_000);
    }

    [Fact]
    public async Task Items_of_a_stream_are_counted_one_by_one()
    {
        using AsyncDuplexStreamingCall<V1.MatchStreamRequest, V1.MatchStreamResponse> stream =
            _server.Matching("slow").MatchStream(cancellationToken: Cancellation);
        ByteString picture = ByteString.CopyFrom(DrawnPicture.Draw(3));
        const int Items = 40;
        for (uint tag = 0; tag < Items; tag++)
        {
            await stream.RequestStream.WriteAsync(
                new V1.MatchStreamRequest { Tag = tag, Image = picture }, Cancellation);
        }

        await stream.RequestStream.CompleteAsync();
        List<V1.MatchStreamResponse> answers = [];
        while (await stream.ResponseStream.MoveNext(Cancellation))
        {
            answers.Add(stream.ResponseStream.Current);
        }

        Assert.Equal(Items, answers.Count);
        V1.ItemError[] errors = [.. answers.Where(answer => answer.Error is not null).Select(answer => answer.Error)];
        Assert.NotEmpty(errors);
        Assert.True(answers.Count - errors.Length >= 2);
        Assert.All(errors, error => Assert.Equal(
            ("RATE_LIMITED", (int)Code.ResourceExhausted, true),
            (error.Reason, error.Code, error.RetryAfterMs > 0)));
    }

    [Fact]
    public async Task In_json_it_is_429()
    {
        HttpStatusCode status;
        int calls = 0;
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/match-hashes")
            {
                Content = JsonContent.Create(new
                {
                    queries = Enumerable.Repeat(new { pdq = Entries.RandomPdq(5) }, 200).ToArray(),
                }),
            };
            request.Headers.Add("x-api-key", _server.KeyOf("slow"));
            using HttpResponseMessage response = await _server.Running.Json.SendAsync(request, Cancellation);
            status = response.StatusCode;
        }
        while (status == HttpStatusCode.OK && ++calls < 100);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
    }

    [Fact]
    public async Task A_stream_of_a_caller_that_was_disabled_gets_no_more_verdicts()
    {
        using AsyncDuplexStreamingCall<V1.MatchStreamRequest, V1.MatchStreamResponse> stream =
            _server.Matching("unbound").MatchStream(cancellationToken: Cancellation);
        ByteString picture = ByteString.CopyFrom(DrawnPicture.Draw(3));
        Assert.NotNull((await AskAsync()).Response);
        await _server.ChangeAsync(
            callers => callers.UpdateAsync("unbound", caller => caller with { Disabled = true }, Cancellation),
            Cancellation);
        await Eventually.TrueAsync(
            async () => (await AskAsync()).Error?.Reason == "CREDENTIAL_WRONG", "the caller is refused", Cancellation);
        await Statuses.FailsAsync(
            StatusCode.Unauthenticated, "CREDENTIAL_WRONG", () => MatchAsync("unbound", 1));
        await _server.ChangeAsync(
            callers => callers.UpdateAsync("unbound", caller => caller with { Disabled = false }, Cancellation),
            Cancellation);
        await Eventually.TrueAsync(
            async () => await PassesAsync(() => MatchAsync("unbound", 1)), "the caller is let in again", Cancellation);

        async Task<V1.MatchStreamResponse> AskAsync()
        {
            await stream.RequestStream.WriteAsync(new V1.MatchStreamRequest { Image = picture }, Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            return stream.ResponseStream.Current;
        }
    }

    [Fact]
    public async Task A_caller_that_was_added_just_now_is_known_at_its_first_call()
    {
        await _server.AddAsync("new", ["matcher"], Cancellation);
        await MatchAsync("new", 1);
    }

    [Fact]
    public async Task A_new_key_is_taken_and_the_old_one_for_as_long_as_was_said()
    {
        var key = ApiKey.Create();
        await _server.ChangeAsync(
            callers => callers.RotateAsync("unbound", key, TimeSpan.FromSeconds(3), Cancellation), Cancellation);
        await MatchAsync("unbound", 1);
        var headers = new Metadata { { "x-api-key", key.Reveal() } };
        var lists = new V1.HashLists.HashListsClient(_server.Running.Channel);
        await Eventually.TrueAsync(
            () => PassesAsync(async () =>
                await lists.ListListsAsync(new V1.ListListsRequest(), headers, cancellationToken: Cancellation)),
            "the new key is taken", Cancellation);
        await Eventually.TrueAsync(
            async () => !await PassesAsync(() => MatchAsync("unbound", 1)), "the old key is refused", Cancellation);
    }

    private static async Task<bool> PassesAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unauthenticated)
        {
            return false;
        }
    }

    private async Task MatchAsync(string caller, int hashes) => await _server.Matching(caller).MatchHashesAsync(
        new V1.MatchHashesRequest
        {
            Queries = { Enumerable.Repeat(new V1.HashQuery { Pdq = Entries.RandomPdq(5) }, hashes) },
        },
        cancellationToken: Cancellation);
}
