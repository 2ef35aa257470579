using System.Globalization;
using Google.Protobuf;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>What being watched costs, as a ratio of pairs: the same calls to two servers, in turns.</summary>
public sealed class OverheadTests : IDisposable
{
    private const int WarmRounds = 4;
    private const int Rounds = 10;

    // Of each call it is a few percent; what is held is that nobody makes it a multiple.
    private const double MostRatio = 2;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Telemetry_costs_little_of_a_call()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(Cancellation);
        string store = $"sqlite:{_folder["data"]}";
        string hash = Entries.RandomPdq(1);
        await using (RunningServer filling = await RunningServer.StartReadyAsync(store, Cancellation))
        {
            await filling.CreateAsync("plain", null, [Entries.Pdq(hash, "a")], Cancellation);
        }

        using ServerProgram on = await ServerProgram.StartReadyAsync(
            store, Cancellation,
            $"--HashMatch:Telemetry:OtlpEndpoint={collector.Address}", "--HashMatch:Telemetry:OtlpProtocol=Http");
        using ServerProgram off = await ServerProgram.StartReadyAsync(
            store, Cancellation, "--HashMatch:Telemetry:Metrics=false");
        using GrpcChannel watched = GrpcChannel.ForAddress(on.Addresses[0]);
        using GrpcChannel unwatched = GrpcChannel.ForAddress(off.Addresses[0]);
        var image = new V1.MatchRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) };
        var one = new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = Entries.RandomPdq(2) } } };
        var many = new V1.MatchHashesRequest();
        many.Queries.Add(Enumerable.Range(10, 1000).Select(i => new V1.HashQuery { Pdq = Entries.RandomPdq(i) }));
        await RatioAsync("Match of a small PNG", 40, client => client.MatchAsync(image).ResponseAsync);
        await RatioAsync("MatchHashes of 1", 100, client => client.MatchHashesAsync(one).ResponseAsync);
        await RatioAsync("MatchHashes of 1,000", 10, client => client.MatchHashesAsync(many).ResponseAsync);

        // Time of the processor and not of the clock: others use the machine too.
        async Task RatioAsync(string what, int calls, Func<V1.Matching.MatchingClient, Task> call)
        {
            (ServerProgram Server, V1.Matching.MatchingClient Client)[] sides =
                [(on, new(watched)), (off, new(unwatched))];
            TimeSpan[] took = new TimeSpan[sides.Length];
            for (int round = -WarmRounds; round < Rounds; round++)
            {
                // Who comes first changes, since the machine does.
                foreach (int side in round % 2 == 0 ? new[] { 0, 1 } : [1, 0])
                {
                    TimeSpan before = sides[side].Server.ProcessorTime;
                    for (int i = 0; i < calls; i++)
                    {
                        await call(sides[side].Client);
                    }

                    took[side] += round < 0 ? TimeSpan.Zero : sides[side].Server.ProcessorTime - before;
                }
            }

            double ratio = took[0] / took[1];
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {ratio:F3} times the processor's time of a server without telemetry, "
                + $"{took[1].TotalMicroseconds / calls / Rounds:F0} us a call"));
            Assert.True(ratio < MostRatio, $"{what} takes {ratio} times as much with telemetry");
        }
    }
}
