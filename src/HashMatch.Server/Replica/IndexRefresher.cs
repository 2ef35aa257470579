using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;
using HashMatch.Server.Recording;

namespace HashMatch.Server.Replica;

/// <summary>Loads the index at start, warms the code up, then keeps the index in step with the store.</summary>
public sealed class IndexRefresher(
    IListStore store,
    ListReplica replica,
    EventWriter events,
    CurrentIndex current,
    IndexReadiness readiness,
    WarmUp warmUp,
    SnapshotKeeper saved,
    ServerOptions options,
    TimeProvider time,
    ILogger<IndexRefresher> logger) : BackgroundService
{
    /// <summary>Also while nothing changes the store is asked, so that the index's age is known.</summary>
    private static readonly TimeSpan LongestUnconfirmed = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation;
    private bool _isFaulted;
    private bool _isLost;
    private Exception? _mergeFault;
    private string? _eventProblem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await FollowAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A start that fails elsewhere stops this part too; that is no fault of its own.
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        saved.Prepare();
        Task following = replica.RunAsync(Refreshed, stoppingToken);
        Task restoring = RestoreAsync(stoppingToken);
        await Task.Run(() => warmUp.Hash(stoppingToken), stoppingToken);
        await await Task.WhenAny(_loaded.Task, following);
        stoppingToken.ThrowIfCancellationRequested();
        using (IndexLease lease = current.Acquire()!)
        {
            await Task.Run(() => warmUp.Find(lease.Index, stoppingToken), stoppingToken);
        }

        readiness.SetWarm();
        logger.LogInformation("Ready; matching: {State}", readiness.State);
        await WarnAsync(stoppingToken);
        await Task.WhenAll(following, restoring, ConfirmAsync(stoppingToken));
    }

    private async Task RestoreAsync(CancellationToken cancellation)
    {
        if (await saved.RestoreAsync(cancellation))
        {
            Refreshed(replica);
        }
    }

    /// <summary>Says what of the store's own configuration endangers the lists.</summary>
    private async Task WarnAsync(CancellationToken cancellation)
    {
        if (store is not RedisListStore redis)
        {
            return;
        }

        try
        {
            foreach (string warning in await redis.ReadWarningsAsync(cancellation))
            {
                logger.LogWarning("{Warning}", warning);
            }
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning("The store's configuration could not be checked: {Reason}", e.Message);
        }
    }

    /// <summary>A store that is silent because nothing changes must not make the index old.</summary>
    private async Task ConfirmAsync(CancellationToken cancellation)
    {
        TimeSpan period = options.MaxIndexAge / 4 is { } quarter && quarter < LongestUnconfirmed
            ? quarter
            : LongestUnconfirmed;
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            await replica.RefreshAsync(cancellation);
            Refreshed(replica);
        }
    }

    private void Refreshed(ListReplica refreshed)
    {
        lock (_loaded)
        {
            Exception? fault = refreshed.Fault;
            if (fault is StoreCorruptException { IsLoss: true } && !_isLost)
            {
                logger.LogError(
                    "The store lost what it had; matching goes on with it, and it must be loaded again or restored: "
                    + "{Reason}",
                    fault.Message);
            }
            else if (fault is not null && !_isFaulted)
            {
                logger.LogWarning("The index is not in step with the store: {Reason}", fault.Message);
            }
            else if (fault is null && _isFaulted)
            {
                logger.LogInformation("The index is in step with the store again");
            }

            _isFaulted = fault is not null;
            _isLost = fault is StoreCorruptException { IsLoss: true };
            if (refreshed.MergeFault is { } merge && !ReferenceEquals(merge, _mergeFault))
            {
                logger.LogWarning("The index's parts were not merged, look-ups are slower: {Reason}", merge.Message);
            }

            _mergeFault = refreshed.MergeFault;
            if (current.Value is { } index && index.Generation != _generation)
            {
                _generation = index.Generation;
                logger.LogInformation(
                    "Index {Generation}: {Lists} lists, {Entries} entries, {Bytes} bytes of tables",
                    index.Generation,
                    index.Lists.Count,
                    index.Lists.Sum(list => list.Content.Counts.Total),
                    index.NativeBytes);
                WarnOfEvents(index);
                _loaded.TrySetResult();
            }
        }
    }

    /// <summary>Says once that matches of lists with durable events get no verdict.</summary>
    private void WarnOfEvents(HashIndex index)
    {
        string? problem = index.Lists.Any(list => list.Policy.DurableEvents) ? events.Problem : null;
        if (problem is not null && problem != _eventProblem)
        {
            logger.LogWarning(
                "Matches of lists with durable events get no verdict: their events cannot be put on disk: {Reason}",
                problem);
        }

        _eventProblem = problem;
    }
}
