using System.Diagnostics.Metrics;
using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Server.Services;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Recording;

/// <summary>Records each caller that searches for an entry: a warning, a metric, and an event that names it. A store
/// that is down is tried again.</summary>
public sealed class ProbingAlarms(
    ProbingWatch watch, IListStore store, ServerMetrics metrics, TimeProvider time, ILogger<ProbingAlarms> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly Counter<long> _alarms = metrics.Meter.CreateCounter<long>(
        "hashmatch.probing_alarms", description: "Callers that looked up many differing hashes around one entry.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (Probing probing in watch.Alarms.ReadAllAsync(stoppingToken))
            {
                _alarms.Add(1, new KeyValuePair<string, object?>("list", probing.List));
                logger.LogWarning(
                    "A caller looked up {Hashes} differing hashes around one entry of list {List}: the event of "
                    + "verdict {Verdict} names it",
                    probing.Hashes,
                    probing.List,
                    probing.VerdictId);
                await WriteAsync(EventMessages.Of(probing).ToByteArray(), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Who goes on searching raises the alarm anew.
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> alarm, CancellationToken cancellation)
    {
        for (TimeSpan delay = FirstRetryDelay; ; delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                await store.AppendEventsAsync([alarm], cancellation);
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                await Task.Delay(delay, time, cancellation);
            }
        }
    }
}
