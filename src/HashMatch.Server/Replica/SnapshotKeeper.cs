using System.Globalization;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Recovery;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Replica;

/// <summary>
/// Saves the lists behind the index, a second after they change, and every minute that the store still says so. A disk
/// that does not take them costs a line in the log, and no verdict.
/// </summary>
public sealed class SnapshotKeeper(
    IListStore store,
    ListReplica replica,
    ServerOptions options,
    TimeProvider time,
    ILogger<SnapshotKeeper> logger,
    SnapshotFolder? folder = null) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stamp = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);

    private long _failures;
    private SavedLists? _saved;

    /// <summary>Saves that failed since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Bytes that are saved.</summary>
    public long Bytes => folder?.Bytes ?? 0;

    /// <summary>When the store was last known to say what is saved; null when nothing is.</summary>
    public DateTimeOffset? InStepAt => folder?.InStepAt;

    /// <summary>Reads what is saved, and tells the replica which lists the store must know. Before it follows the
    /// store.</summary>
    public void Prepare()
    {
        try
        {
            _saved = folder?.Read();
            if (_saved is null)
            {
                return;
            }

            TimeSpan age = time.GetUtcNow() - _saved.InStepAt;
            if (age > options.Snapshot.MaxAge)
            {
                logger.LogWarning(
                    "The saved lists are not used: they are {Age} old, over {MaxAge}",
                    Text(age),
                    Text(options.Snapshot.MaxAge));
                _saved = null;
                return;
            }

            replica.Expect(_saved);
        }
        catch (Exception e) when (e is SnapshotUnusableException or StoreCorruptException)
        {
            _saved = null;
            logger.LogError("The saved lists are not used: {Reason}", e.Message);
        }
    }

    /// <summary>Waits for the store for as long as the settings say, then has the replica match against the saved lists
    /// if the store's are not in.</summary>
    /// <returns>Whether it does.</returns>
    public async Task<bool> RestoreAsync(CancellationToken cancellation)
    {
        if (_saved is not { } saved || saved.Lists.Count == 0)
        {
            return false;
        }

        _saved = null;
        await Task.Delay(options.Snapshot.Wait, time, cancellation);
        long start = time.GetTimestamp();
        try
        {
            if (!await folder!.RestoreAsync(saved, replica, cancellation))
            {
                return false;
            }

            logger.LogWarning(
                "The store is not in: matching against {Lists} lists that were saved {Age} ago (read in {Ms} ms)",
                saved.Lists.Count,
                Text(time.GetUtcNow() - saved.InStepAt),
                (long)time.GetElapsedTime(start).TotalMilliseconds);
            return true;
        }
        catch (SnapshotUnusableException e)
        {
            logger.LogError("The saved lists are not used: {Reason}", e.Message);
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (folder is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        long failedAt = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if ((failedAt == 0 || time.GetElapsedTime(failedAt) > AfterFailure) && folder.IsDue(replica, Stamp))
                {
                    failedAt = await TrySaveAsync(folder, stoppingToken) ? 0 : time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; what is saved is whole.
        }
    }

    private static string Text(TimeSpan age) => age.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);

    private async Task<bool> TrySaveAsync(SnapshotFolder saving, CancellationToken cancellation)
    {
        try
        {
            // Off the pool's few threads that calls wait for: this one waits for the disk.
            await Task.Factory.StartNew(
                () => saving.SaveAsync(replica, store, cancellation),
                cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap();
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            // Told by the replica; what changed meanwhile is saved once it is in step.
            return true;
        }
        catch (SnapshotUnusableException e)
        {
            Interlocked.Increment(ref _failures);
            logger.LogError("The lists were not saved; what was saved before stays. {Reason}", e.Message);
            return false;
        }
    }
}
