using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>A full queue, callers that hang up, callers that dawdle.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => _server!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Over_the_queue_an_upload_is_refused_until_a_place_is_free()
    {
        await StartAsync("--HashMatch:MaxConcurrentDecodes=1", "--HashMatch:MaxQueuedUploads=0");
        using (var holding = Server.Matching.MatchUpload(cancellationToken: Cancellation))
        {
            await SendAsync(holding.RequestStream, DrawnPicture.Draw(1));
            await Eventually.TrueAsync(() => Server.InHand == 1, "the upload has the place", Cancellation);
            await Statuses.FailsAsync(
                StatusCode.ResourceExhausted, "QUEUE_FULL", () => Server.MatchAsync(DrawnPicture.Draw(1), Cancellation),
                canRetry: true);
            await Statuses.FailsAsync(
                StatusCode.ResourceExhausted, "QUEUE_FULL",
                () => Server.MatchHashAsync(Entries.RandomPdq(1), Cancellation), canRetry: true);

            using var stream = Server.Matching.MatchStream(cancellationToken: Cancellation);
            await stream.RequestStream.WriteAsync(Item(5), Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            V1.MatchStreamResponse refused = stream.ResponseStream.Current;
            Assert.Equal((5ul, (int)StatusCode.ResourceExhausted, "QUEUE_FULL"), (
                refused.Tag, refused.Error.Code, refused.Error.Reason));
            Assert.True(refused.Error.RetryAfterMs > 0);

            await holding.RequestStream.CompleteAsync();
            Assert.Equal(V1.Outcome.NoKnownMatch, (await holding).Outcome);
            // The stream went on.
            await Server.IdleAsync(Cancellation);
            await stream.RequestStream.WriteAsync(Item(6), Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            Assert.NotNull(stream.ResponseStream.Current.Response);
        }

        Assert.Equal(
            V1.Outcome.NoKnownMatch, (await Server.MatchAsync(DrawnPicture.Draw(1), Cancellation)).Outcome);
    }

    [Fact]
    public async Task One_hash_waits_behind_no_batch_and_no_decode()
    {
        await StartAsync("--HashMatch:MaxConcurrentDecodes=1");
        using var gate = new ManualResetEventSlim();
        Task<bool> slice = Server.Admission.RunSliceAsync(
            TimeSpan.FromMilliseconds(5),
            () =>
            {
                gate.Wait(Cancellation);
                return true;
            },
            Cancellation);
        Task<V1.MatchHashesResponse> batch = Server.Matching.MatchHashesAsync(
            new V1.MatchHashesRequest
            {
                Queries = { Enumerable.Range(0, 10_000).Select(i => new V1.HashQuery { Pdq = Entries.RandomPdq(i) }) },
            },
            cancellationToken: Cancellation).ResponseAsync;
        await Eventually.TrueAsync(() => Server.InHand == 1, "the batch has its place", Cancellation);
        V1.MatchResponse one = await Server.MatchHashAsync(Entries.RandomPdq(1), Cancellation);
        Assert.Equal(V1.Outcome.NoKnownMatch, one.Outcome);
        Assert.False(batch.IsCompleted);
        gate.Set();
        Assert.True(await slice);
        Assert.Equal(10_000, (await batch).Results.Count);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_in_an_upload_leaves_its_place()
    {
        await StartAsync();
        for (int i = 0; i < 5; i++)
        {
            using var call = Server.Matching.MatchUpload(cancellationToken: Cancellation);
            await SendAsync(call.RequestStream, DrawnPicture.Draw(1)[..500]);
            await Eventually.TrueAsync(() => Server.InHand == 1, "the upload has its place", Cancellation);
            call.Dispose();
            await Server.IdleAsync(Cancellation);
        }

        await AnswersAsync();
    }

    [Fact]
    public async Task A_caller_that_hangs_up_in_a_stream_leaves_its_places()
    {
        await StartAsync();
        for (int i = 0; i < 3; i++)
        {
            GrpcChannel own = Server.Connect();
            using var call = new V1.Matching.MatchingClient(own).MatchStream(cancellationToken: Cancellation);
            for (ulong tag = 0; tag < 30; tag++)
            {
                await call.RequestStream.WriteAsync(Item(tag), Cancellation);
            }

            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            // The connection goes, not only the call.
            own.Dispose();
            await Server.IdleAsync(Cancellation);
        }

        await AnswersAsync();
    }

    [Fact]
    public async Task A_stream_that_is_not_read_holds_its_sender_back()
    {
        await StartAsync("--HashMatch:MaxConcurrentDecodes=1");
        using var call = Server.Matching.MatchStream(cancellationToken: Cancellation);
        byte[] large = new byte[1024 * 1024];
        int sent = 0;
        Task sending = Task.Run(
            async () =>
            {
                for (; sent < 200; Interlocked.Increment(ref sent))
                {
                    await call.RequestStream.WriteAsync(
                        new V1.MatchStreamRequest { Tag = (ulong)sent, Image = ByteString.CopyFrom(large) },
                        Cancellation);
                }

                await call.RequestStream.CompleteAsync();
            },
            Cancellation);
        int most = 0;
        int answers = 0;
        await foreach (V1.MatchStreamResponse answer in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            Assert.Equal(V1.UnhashableReason.UnsupportedFormat, answer.Response.UnhashableReason);
            most = Math.Max(most, Server.InHand);
            answers++;
        }

        await sending;
        Assert.Equal(200, answers);
        Assert.InRange(most, 0, 2);
    }

    [Fact]
    public async Task An_upload_that_dawdles_is_ended()
    {
        await StartAsync("--HashMatch:UploadTimeout=00:00:00.3");
        using var call = Server.Matching.MatchUpload(cancellationToken: Cancellation);
        await TrySendAsync(call.RequestStream, DrawnPicture.Draw(1)[..500]);
        await Statuses.FailsAsync(StatusCode.DeadlineExceeded, "UPLOAD_TIMED_OUT", () => call.ResponseAsync);
        await Server.IdleAsync(Cancellation);
        await AnswersAsync();
    }

    [Fact]
    public async Task A_deadline_ends_the_call_and_frees_the_place()
    {
        await StartAsync();
        using var call = Server.Matching.MatchUpload(
            deadline: DateTime.UtcNow.AddMilliseconds(300), cancellationToken: Cancellation);
        await TrySendAsync(call.RequestStream, DrawnPicture.Draw(1)[..500]);
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await Server.IdleAsync(Cancellation);
        await AnswersAsync();
    }

    private static V1.MatchStreamRequest Item(ulong tag) =>
        new() { Tag = tag, Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) };

    private static Task SendAsync(IClientStreamWriter<V1.MatchUploadRequest> stream, byte[] chunk) =>
        stream.WriteAsync(new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(chunk) }, Cancellation);

    // On a busy machine the call may be over before anything was sent.
    private static async Task TrySendAsync(IClientStreamWriter<V1.MatchUploadRequest> stream, byte[] chunk)
    {
        try
        {
            await SendAsync(stream, chunk);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // What the call came to is asserted.
        }
    }

    private async Task StartAsync(params string[] settings) => _server = await RunningServer.StartReadyAsync(
        $"sqlite:{_folder.Path}", Cancellation, [.. settings, "--HashMatch:AllowEmptyIndex=true"]);

    private async Task AnswersAsync() => Assert.Equal(
        V1.Outcome.NoKnownMatch, (await Server.MatchAsync(DrawnPicture.Draw(1), Cancellation)).Outcome);
}
