using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Cli.Driving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Load.Overload;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Overload;

/// <summary>
/// More uploads than the server can take, at moments that do not wait for its answers. `HashMatch.Load -- overload`
/// measures the same for longer; here only ratios are held to, with room for a machine that others use too.
/// </summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private const int Callers = 3;
    private const int Rounds = 4;
    private const double LeastGoodput = 0.6;
    private const long MaxResidentBytes = 1024L * 1024 * 1024;
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(4);

    private readonly TemporaryFolder _folder = new();
    private ServerProgram? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ServerProgram Server => _server!;

    public async ValueTask InitializeAsync() => _server = await ServerProgram.StartReadyAsync(
        $"sqlite:{_folder.Path}", Cancellation,
        "--HashMatch:AllowEmptyIndex=true", "--HashMatch:Access:Open=true", "--HashMatch:MaxConcurrentDecodes=1",
        $"--HashMatch:MaxUploadMemoryBytes={64 * 1024 * 1024}", "--HashMatch:Images:Timeout=00:02:00");

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Goodput_stays_memory_is_bounded_and_calm_returns()
    {
        using var caller = new RawCaller(new ServerAddress(Server.Addresses[0]), connections: 4);
        var upload = PreparedCall.Match(LoadPicture.Draw(1600, 1200), isListed: false);
        Func<Task<CallResult>> call = () => caller.CallAsync(upload, Cancellation);
        await Loops.ClosedAsync(call, Callers, Phase, Cancellation);
        (double goodput, double after, PhaseRecord half) = await TwiceAsync(call);
        PhaseRecord ten = await Loops.OpenAsync(call, after * 10, Phase, 3, Cancellation);
        long peak = PeakBytes();
        FaultRow.Seen(
            "ten times as many",
            "memory stays under its cap, nothing is answered wrongly",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{peak >> 20} MiB; {ten.Answered} answered, {ten.Shed} refused, p99 "
                + $"{ten.ShedAt(99).TotalMilliseconds:0} ms, {ten.Calmed} ended by the transport"));
        Assert.True(ten.Wrong == 0, caller.Problem);
        // A caller that has no processor for half a second learns too late that its connection ends.
        Assert.True(
            (ten.Failed + ten.Calmed) * 100 <= ten.Shed, $"{ten.Failed} failed, {ten.Calmed} calmed: {caller.Problem}");
        Assert.True(goodput >= LeastGoodput, $"goodput {goodput:P0}");
        Assert.True(ten.Shed > 0);
        Assert.InRange(peak, 1, MaxResidentBytes);
        await Eventually.TrueAsync(
            async () =>
            {
                PhaseRecord calm = await Loops.OpenAsync(call, after / 2, TimeSpan.FromSeconds(1), 4, Cancellation);
                return calm.Failed == 0 && calm.Shed <= calm.Answered / 2
                    && calm.AnsweredAt(90) < (half.AnsweredAt(99) * 10) + TimeSpan.FromMilliseconds(100);
            },
            "the server is as quick as before",
            Cancellation);
    }

    [Fact]
    public async Task What_cannot_be_done_before_its_deadline_is_refused_and_not_begun()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(Server.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        ByteString picture = ByteString.CopyFrom(LoadPicture.Draw(4000, 3000));
        // The server learns what such a picture takes.
        for (int i = 0; i < 5; i++)
        {
            await matching.MatchAsync(new V1.MatchRequest { Image = picture }, cancellationToken: Cancellation);
        }

        int tooShort = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            try
            {
                await matching.MatchAsync(
                    new V1.MatchRequest { Image = picture },
                    deadline: DateTime.UtcNow.AddMilliseconds(400),
                    cancellationToken: Cancellation);
            }
            catch (RpcException e) when (Statuses.ReasonOf(e) is "DEADLINE_TOO_SHORT" or "QUEUE_FULL")
            {
                Interlocked.Increment(ref tooShort);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.DeadlineExceeded)
            {
                // Its bytes alone took that long.
            }
        }));
        FaultRow.Seen(
            "40 large uploads with 400 ms each", "refused with a reason, or done", $"{tooShort} refused");
        Assert.True(tooShort > 0);
        await matching.MatchAsync(new V1.MatchRequest { Image = picture }, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Slow_senders_in_every_place_give_way_to_one_that_is_not()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}-slow", Cancellation,
            "--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxConcurrentDecodes=1",
            "--HashMatch:MaxQueuedUploads=2");
        using GrpcChannel slow = server.Connect();
        AsyncClientStreamingCall<V1.MatchUploadRequest, V1.MatchResponse>[] calls =
        [
            .. Enumerable.Range(0, 3).Select(
                _ => new V1.Matching.MatchingClient(slow).MatchUpload(cancellationToken: Cancellation)),
        ];
        foreach (AsyncClientStreamingCall<V1.MatchUploadRequest, V1.MatchResponse> call in calls)
        {
            await call.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(1, 2, 3) }, Cancellation);
        }

        await Eventually.TrueAsync(() => server.InHand == 3, "all places are taken", Cancellation);
        using GrpcChannel quick = server.Connect();
        var matching = new V1.Matching.MatchingClient(quick);
        int tries = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    tries++;
                    await matching.MatchAsync(
                        new V1.MatchRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) },
                        cancellationToken: Cancellation);
                    return true;
                }
                catch (RpcException e) when (Statuses.ReasonOf(e) == "QUEUE_FULL")
                {
                    return false;
                }
            },
            "a quick sender has a place",
            Cancellation);
        FaultRow.Seen("3 slow senders in all 3 places", "one gives way", $"let in at try {tries}");
        RpcException ended = await Assert.ThrowsAsync<RpcException>(
            async () => await await Task.WhenAny(calls.Select(call => call.ResponseAsync)));
        Assert.True(Statuses.ReasonOf(ended) == "UPLOAD_TOO_SLOW", $"{ended.Status} after {tries} tries");
        Array.ForEach(calls, call => call.Dispose());
    }

    // What others do on the machine in a round of seconds may take more than half of it, but not of every round.
    private static async Task<(double Goodput, double Capacity, PhaseRecord Half)> TwiceAsync(
        Func<Task<CallResult>> call)
    {
        for (int round = 1; ; round++)
        {
            double before = (await Loops.ClosedAsync(call, Callers, Phase, Cancellation)).PerSecond;
            PhaseRecord half = await Loops.OpenAsync(call, before / 2, Phase, 1, Cancellation);
            PhaseRecord twice = await Loops.OpenAsync(call, before * 2, Phase, 2, Cancellation);
            double after = (await Loops.ClosedAsync(call, Callers, Phase, Cancellation)).PerSecond;
            double goodput = twice.Answered / Phase.TotalSeconds / Math.Min(before, after);
            FaultRow.Seen(
                "twice the uploads that the server can take",
                "as many answered as without, the rest refused at once",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{goodput:P0} of {before:0} and {after:0}/s; p99 {twice.AnsweredAt(99).TotalMilliseconds:0} ms, "
                    + $"at half load {half.AnsweredAt(99).TotalMilliseconds:0} ms; {twice.Shed} refused, p50 "
                    + $"{twice.ShedAt(50).TotalMilliseconds:0.0} ms, p99 {twice.ShedAt(99).TotalMilliseconds:0.0} ms"));
            Assert.Equal((0, 0, 0), (half.Wrong, half.Failed, half.Calmed));
            Assert.Equal((0, 0, 0), (twice.Wrong, twice.Failed, twice.Calmed));
            // Where nothing was refused, what was taken for the capacity was not.
            if ((goodput >= LeastGoodput && twice.Shed > 0) || round == Rounds)
            {
                return (goodput, after, half);
            }
        }
    }

    private long PeakBytes()
    {
        string[] lines = File.ReadAllLines($"/proc/{Server.ProcessId}/status");
        string peak = lines.Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture)
            * 1024;
    }
}
