using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;

namespace HashMatch.Server.Replica;

/// <summary>Loads the index at start, warms the code up, then keeps the index in step with the store.</summary>
public sealed class IndexRefresher(
    ListReplica replica,
    CurrentIndex current,
    IndexReadiness readiness,
    WarmUp warmUp,
    ILogger<IndexRefresher> logger) : BackgroundService
{
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation;
    private bool _isFaulted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task following = replica.RunAsync(Refreshed, stoppingToken);
        await Task.Run(() => warmUp.Hash(stoppingToken), stoppingToken);
        await await Task.WhenAny(_loaded.Task, following);
        await Task.Run(() => warmUp.Find(current.Value!, stoppingToken), stoppingToken);
        readiness.SetWarm();
        logger.LogInformation("Ready; matching: {State}", readiness.State);
        await following;
    }

    private void Refreshed(ListReplica refreshed)
    {
        if (refreshed.Fault is { } fault)
        {
            if (!_isFaulted)
            {
                logger.LogWarning("The index is not in step with the store: {Reason}", fault.Message);
            }
        }
        else if (_isFaulted)
        {
            logger.LogInformation("The index is in step with the store again");
        }

        _isFaulted = refreshed.Fault is not null;
        if (current.Value is { } index && index.Generation != _generation)
        {
            _generation = index.Generation;
            logger.LogInformation(
                "Index {Generation}: {Lists} lists", index.Generation, index.Lists.Count);
            _loaded.TrySetResult();
        }
    }
}
