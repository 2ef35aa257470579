using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Server.Replica;

/// <summary>Deletes, about every hour, what interrupted loads and deleted versions left in the store.</summary>
public sealed class BlobCollector(
    ListCatalog catalog, ExchangeSync exchanges, TimeProvider time, ILogger<BlobCollector> logger)
    : BackgroundService
{
    /// <summary>A load writes blobs before anything names them: longer than any load takes.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(24);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Replicas that were started together must not collect together.
                await Task.Delay(TimeSpan.FromMinutes(45 + (Random.Shared.NextDouble() * 30)), time, stoppingToken);
                int deleted = await catalog.CollectGarbageAsync(MinAge, stoppingToken)
                    + await exchanges.CollectGarbageAsync(MinAge, stoppingToken);
                if (deleted > 0)
                {
                    logger.LogInformation("Deleted {Count} blobs that nothing names", deleted);
                }
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                logger.LogWarning("Blobs were not collected: {Reason}", e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
