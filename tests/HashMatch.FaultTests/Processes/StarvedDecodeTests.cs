using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Processes;

/// <summary>A server that is stopped in the middle of a decode: the decode runs out of time without a processor, which
/// says nothing of the upload.</summary>
public sealed class StarvedDecodeTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_decode_that_had_no_processor_is_indeterminate_for_who_asked_and_timed_out_for_others()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            $"sqlite:{_folder["data"]}", Cancellation,
            "--HashMatch:AllowEmptyIndex=true", $"--HashMatch:Images:Timeout={Timeout}");
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        byte[] large = DrawnPicture.Flat(10_000, 8000);
        V1.MatchResponse seen = new();
        // A stop before or behind the decode is none in it.
        await Eventually.TrueAsync(
            async () => (seen = await MatchAsync(V1.WhenIndeterminate.Hold)).Outcome == V1.Outcome.Indeterminate,
            "a decode is starved", Cancellation);
        Assert.Equal(
            (V1.IndeterminateReason.DecodeTimedOut, V1.Action.Hold), (seen.IndeterminateReason, seen.Action));
        await Eventually.TrueAsync(
            async () => (seen = await MatchAsync(V1.WhenIndeterminate.Unspecified)).UnhashableReason
                == V1.UnhashableReason.TimedOut,
            "a decode is starved", Cancellation);
        Assert.Equal((V1.Outcome.Unhashable, V1.Action.Review), (seen.Outcome, seen.Action));
        FaultRow.Seen(
            "SIGSTOP in the middle of a decode, for twice its time",
            "INDETERMINATE, DECODE_TIMED_OUT for who asked; UNHASHABLE, TIMED_OUT for others",
            "both");

        async Task<V1.MatchResponse> MatchAsync(V1.WhenIndeterminate asked)
        {
            TimeSpan before = program.ProcessorTime;
            using AsyncUnaryCall<V1.MatchResponse> call = matching.MatchAsync(
                new V1.MatchRequest
                {
                    Image = ByteString.CopyFrom(large),
                    Options = new V1.MatchOptions { WhenIndeterminate = asked },
                },
                cancellationToken: Cancellation);
            await Eventually.TrueAsync(
                () => program.ProcessorTime - before > TimeSpan.FromMilliseconds(40)
                    || call.ResponseAsync.IsCompleted,
                "it decodes", Cancellation);
            program.Pause();
            var stopped = Stopwatch.StartNew();
            await Eventually.TrueAsync(() => stopped.Elapsed > Timeout * 2, "time goes by", Cancellation);
            program.Resume();
            return await call;
        }
    }
}
