using System.Diagnostics.Metrics;
using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Server.Services;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Recording;

/// <summary>
/// Writes floods into their lists' documents, behind the verdicts, so that every replica holds the entry to Review, and
/// raises one alarm for each. A store that is down is tried again; this replica holds the entry meanwhile.
/// </summary>
public sealed class QuarantineWriter(
    FloodWatch watch,
    ListCatalog catalog,
    IListStore store,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger<QuarantineWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly Counter<long> _floods = metrics.Meter.CreateCounter<long>(
        "hashmatch.floods", description: "Entries that this server put into quarantine.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (Flood flood in watch.Floods.ReadAllAsync(stoppingToken))
            {
                _floods.Add(1, new KeyValuePair<string, object?>("list", flood.List));
                logger.LogWarning(
                    "An entry of list {List} matched {Matches} times within the window where {Expected:F1} were "
                    + "expected: it asks for REVIEW at most until it is released",
                    flood.List,
                    flood.Matches,
                    flood.Expected);
                await RetryAsync(() => WriteAsync(flood, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is quarantined anew when it floods again.
        }
    }

    private async Task WriteAsync(Flood flood, CancellationToken cancellation)
    {
        QuarantinedEntry entry = new(flood.Key.ToString(), flood.At, flood.Matches, flood.Expected);
        CatalogResult<HashList> written = await catalog.As(Person.ServerPrefix + "quarantine").QuarantineAsync(
            flood.List, flood.ListId, [entry], cancellation);
        if (written.Error == CatalogError.LostRace)
        {
            throw new StoreUnavailableException(written.Message);
        }

        if (!written.IsOk && written.Error != CatalogError.ListNotFound)
        {
            // Held here all the same, until the process ends.
            logger.LogWarning("An entry could not be put into quarantine for good: {Reason}", written.Message);
            return;
        }

        watch.Written(flood, time.GetUtcNow());

        // Of replicas that see one flood, the one that wrote it raises the alarm.
        if (written.IsOk && written.Value.Quarantined?.Contains(entry) == true)
        {
            await RetryAsync(
                () => store.AppendEventsAsync([EventMessages.Of(flood).ToByteArray()], cancellation), cancellation);
        }
    }

    private async Task RetryAsync(Func<Task> work, CancellationToken cancellation)
    {
        for (TimeSpan delay = FirstRetryDelay; ; delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                if (delay == FirstRetryDelay)
                {
                    logger.LogWarning("A quarantine is not stored yet; it is tried again: {Reason}", e.Message);
                }

                await Task.Delay(delay, time, cancellation);
            }
        }
    }
}
