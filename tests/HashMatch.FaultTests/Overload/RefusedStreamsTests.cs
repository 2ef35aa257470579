using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Load.Overload;
using HashMatch.Server.Admission;
using Xunit;

namespace HashMatch.FaultTests.Overload;

/// <summary>Many uploads that are refused on one connection: more than the transport would keep.</summary>
public sealed class RefusedStreamsTests : IDisposable
{
    private const int Calls = 3000;
    private const int AtATime = 20;

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
        using var caller = new RawCaller(server.Address, LoadPicture.Draw(2400, 1800), connections: 1);
        int made = 0;
        int shed = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(async _ =>
        {
            while (Interlocked.Increment(ref made) <= Calls)
            {
                CallResult result = await caller.CallAsync(Cancellation);
                Interlocked.Add(ref shed, result == CallResult.Shed ? 1 : 0);
            }
        }));
        FaultRow.Seen(
            $"{Calls} uploads refused on one connection",
            "all are answered; the connection is replaced now and then",
            $"{shed} answered, {caller.Connected} connections");
        Assert.True(shed == Calls, $"{shed} of {Calls} by {caller.Connected} connections: {caller.Problem}");
        Assert.InRange(caller.Connected, 2, (Calls / RefusedStreams.Most) + 2);
    }
}
