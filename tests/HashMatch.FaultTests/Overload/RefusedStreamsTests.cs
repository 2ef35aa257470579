using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Cli.Driving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Load.Overload;
using HashMatch.Server.Admission;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Overload;

/// <summary>Many uploads that are refused on one connection: more than the transport would keep.</summary>
public sealed class RefusedStreamsTests : IDisposable
{
    private const int Calls = 3000;
    private const int AtATime = 20;
    private const int Late = 2;
    private const int StrangersCalls = 1000;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_call_is_answered_and_the_connection_is_replaced()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}", Cancellation,
            "--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxConcurrentDecodes=1", "--HashMatch:MaxQueuedUploads=0");
        using AdmissionPlace only = server.Admission.Enter("one");
        int connections = 0;
        using MeterListener listener = CountConnections(
            new Uri(server.Address).Port, () => Interlocked.Increment(ref connections));
        using var caller = new RawCaller(new ServerAddress(server.Address), connections: 1);
        var upload = PreparedCall.Match(LoadPicture.Draw(2400, 1800), isListed: false);
        int made = 0;
        int shed = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(async _ =>
        {
            while (Interlocked.Increment(ref made) <= Calls)
            {
                CallResult result = await caller.CallAsync(upload, Cancellation);
                Interlocked.Add(ref shed, result == CallResult.Shed ? 1 : 0);
            }
        }));
        FaultRow.Seen(
            $"{Calls} uploads refused on one connection",
            "all are answered; the connection is replaced now and then",
            $"{shed} answered, {connections} connections");
        // A caller that has no processor for half a second learns too late that its connection ends.
        Assert.True(shed >= Calls - Late, $"{shed} of {Calls} by {connections} connections: {caller.Problem}");
        Assert.InRange(connections, 2, (Calls / RefusedStreams.Least) + 2);
    }

    [Fact]
    public async Task Who_has_no_credential_is_answered_and_piles_no_streams_up_either()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}", Cancellation, "--HashMatch:Access:Open=false");
        int connections = 0;
        using MeterListener listener = CountConnections(
            new Uri(server.Address).Port, () => Interlocked.Increment(ref connections));
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        var matching = new V1.Matching.MatchingClient(channel);
        // More than a stream's window: some of it is always on its way.
        var upload = new V1.MatchRequest { Image = Google.Protobuf.ByteString.CopyFrom(new byte[300_000]) };
        int made = 0;
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(async _ =>
        {
            while (Interlocked.Increment(ref made) <= StrangersCalls)
            {
                RpcException e = await Assert.ThrowsAsync<RpcException>(
                    async () => await matching.MatchAsync(upload, cancellationToken: Cancellation));
                Interlocked.Add(ref refused, e.StatusCode == StatusCode.Unauthenticated ? 1 : 0);
            }
        }));
        FaultRow.Seen(
            $"{StrangersCalls} uploads without a credential on one connection",
            "all are answered; the connection is replaced now and then",
            $"{refused} answered, {connections} connections");
        Assert.True(refused >= StrangersCalls - Late, $"{refused} of {StrangersCalls} by {connections} connections");
        Assert.InRange(connections, 2, (StrangersCalls / RefusedStreams.Least) + 2);
    }

    private static MeterListener CountConnections(int port, Action count)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.active_connections")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (change > 0 && tag is { Key: "server.port", Value: int at } && at == port)
                {
                    count();
                }
            }
        });
        listener.Start();
        return listener;
    }
}
