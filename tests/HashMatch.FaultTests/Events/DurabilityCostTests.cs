using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Server.Telemetry;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Events;

/// <summary>Measures, so nothing else runs.</summary>
[CollectionDefinition(nameof(DurabilityCostTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>What durable events cost where every upload matches: paired, in turns, in one run.</summary>
[Collection(nameof(DurabilityCostTests))]
public sealed class DurabilityCostTests(ITestOutputHelper output) : IDisposable
{
    private const int Turns = 3;

    // 64 callers on a machine that others use too; what is held is that they share syncs, not a figure.
    private const double MostLoss = 10;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly byte[] Durable = DrawnPicture.Draw(21);
    private static readonly byte[] Plain = DrawnPicture.Draw(22);

    private readonly TemporaryFolder _folder = new();
    private readonly List<double> _syncs = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Many_callers_share_syncs_so_that_durable_events_cost_a_small_part_of_a_verdict()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder["data"]}", Cancellation, "--HashMatch:MaxQueueDelay=00:00:10");
        await server.CreateAsync(
            "durable", new V1.Policy { DurableEvents = true },
            [Entries.Digest(V1.HashType.Md5, Durable, "d")], Cancellation);
        await server.CreateAsync("plain", null, [Entries.Digest(V1.HashType.Md5, Plain, "p")], Cancellation);
        using MeterListener listener = Listen();
        await PlayAsync(server, Plain, 4);
        await PlayAsync(server, Durable, 4);
        foreach (int callers in (int[])[1, 16, 64])
        {
            List<double> plain = [];
            List<double> durable = [];
            lock (_syncs)
            {
                _syncs.Clear();
            }

            for (int turn = 0; turn < Turns; turn++)
            {
                plain.AddRange(await PlayAsync(server, Plain, callers));
                durable.AddRange(await PlayAsync(server, Durable, callers));
            }

            lock (_syncs)
            {
                Say(callers, "off", plain);
                Say(callers, "on", durable);
                _syncs.Sort();
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {(double)durable.Count / _syncs.Count:F1} verdicts a sync; a sync takes "
                    + $"{_syncs[_syncs.Count / 2] * 1e3:F2} ms (p50), "
                    + $"{_syncs[_syncs.Count * 99 / 100] * 1e3:F2} ms (p99)"));
                Assert.True(_syncs.Count <= durable.Count);
                if (callers == 64)
                {
                    Assert.True(_syncs.Count < durable.Count, "no two verdicts shared a sync");
                }
            }

            Assert.True(durable.Count * MostLoss > plain.Count);
        }
    }

    private static async Task<List<double>> PlayAsync(RunningServer server, byte[] picture, int callers)
    {
        using GrpcChannel channel = server.Connect();
        var matching = new V1.Matching.MatchingClient(channel);
        var request = new V1.MatchRequest { Image = ByteString.CopyFrom(picture) };
        long end = Stopwatch.GetTimestamp() + (long)(Turn.TotalSeconds * Stopwatch.Frequency);
        List<double>[] took = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            List<double> own = [];
            for (long start; (start = Stopwatch.GetTimestamp()) < end;)
            {
                try
                {
                    Assert.Single((await matching.MatchAsync(request, cancellationToken: Cancellation)).Matches);
                    own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
                {
                    // More callers than a slow machine lets wait: those that it takes are measured.
                    await Task.Delay(5, Cancellation);
                }
            }

            return own;
        }));
        return [.. took.SelectMany(own => own)];
    }

    private void Say(int callers, string durable, List<double> took)
    {
        took.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{callers} callers, durable events {durable}: {took.Count / (Turns * Turn.TotalSeconds):F0} verdicts/s, "
            + $"p50 {took[took.Count / 2]:F2} ms, p99 {took[took.Count * 99 / 100]:F2} ms"));
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Name: "hashmatch.events.wal.sync.duration", Meter.Name: ServerMetrics.MeterName })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_syncs)
            {
                _syncs.Add(seconds);
            }
        });
        listener.Start();
        return listener;
    }
}
