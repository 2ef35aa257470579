using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;
using HashMatch.Server.Services;
using Microsoft.Win32.SafeHandles;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Recording;

/// <summary>
/// Puts match events on record: into the write-ahead log, where there is one, and from there into the store, behind
/// the verdicts. Only a verdict of a list that asks for it waits until its events are on disk; all that wait at a time
/// share one sync. Without a log, or while it takes none, events wait in memory for the store, as many as there is
/// room for; the newest are dropped beyond, counted and logged.
/// </summary>
public sealed class EventWriter : BackgroundService
{
    /// <summary>Most events of one write.</summary>
    public const int BatchSize = 500;

    private const int CommitSize = 8_192;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly IListStore _store;
    private readonly ServerOptions _options;
    private readonly EventMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventQueue _queue = new();
    private readonly EventWal? _wal;

    // What goes past the log is a log to the store too, so that a write whose answer was lost is not done twice.
    private readonly string _memoryLog = Guid.NewGuid().ToString("N");
    private long _memoryPlace = 1;

    private Thread? _committing;
    private volatile bool _isDrained;
    private long _dropped;
    private long _lastDropLog;

    public EventWriter(
        IListStore store,
        ServerOptions options,
        EventMetrics metrics,
        TimeProvider time,
        ILogger<EventWriter> logger)
        : this(store, options, metrics, time, logger, WalDisk.Sync)
    {
    }

    /// <summary>Likewise, with how a file's bytes are put on disk.</summary>
    internal EventWriter(
        IListStore store,
        ServerOptions options,
        EventMetrics metrics,
        TimeProvider time,
        ILogger<EventWriter> logger,
        Action<SafeFileHandle> sync)
    {
        (_store, _options, _metrics, _time, _logger) = (store, options, metrics, time, logger);
        if (options.Events.FolderFor(options.Store) is { } folder)
        {
            _wal = new EventWal(folder, options.Events.MaxWalBytes, time, logger, metrics, sync);
        }

        metrics.Observe(() => _queue.Count, () => _wal?.Bytes ?? 0);
    }

    /// <summary>Verdicts whose events were lost since the start: there was no room, or a shutdown ran out of time.
    /// </summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Why no event can be put on disk now, for a person; null when nothing is known to be wrong.</summary>
    public string? Problem => _wal is null
        ? "no folder is set for it (Events:WalFolder)"
        : _wal.Problem;

    /// <summary>Puts a verdict on record; one without matches has no events.</summary>
    /// <param name="verdict">Waits until it is on disk when its lists ask for that.</param>
    /// <param name="reference">The caller's own name for the upload; may be empty.</param>
    /// <param name="cancellation">Ends the wait; the events are put on record all the same.</param>
    /// <returns>False when the verdict's lists ask for its events to be on disk, and they are not.</returns>
    public ValueTask<bool> RecordAsync(Verdict verdict, string reference, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        MatchRecord record = new(verdict, reference);
        if (record.EventCount == 0)
        {
            return ValueTask.FromResult(true);
        }

        if (verdict.DurableEvents)
        {
            return new ValueTask<bool>(CommitAsync([record], cancellation));
        }

        Record(verdict, reference);
        return ValueTask.FromResult(true);
    }

    /// <summary>Puts a verdict on record, on disk or not; one without matches has no events. Never waits.</summary>
    public void Record(Verdict verdict, string reference)
    {
        MatchRecord record = new(verdict, reference);
        if (record.EventCount > 0 && !_queue.TryAdd(new QueuedRecords([record], null), toLog: _wal is not null))
        {
            Drop(1);
        }
    }

    /// <summary>Puts verdicts of one call on record, and waits until all of them are on disk.</summary>
    /// <param name="verdicts">Each of lists that ask for it.</param>
    /// <param name="cancellation">Ends the wait; the events are put on record all the same.</param>
    /// <returns>False when they are not.</returns>
    public async ValueTask<bool> RecordAsync(IReadOnlyList<Verdict> verdicts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        return verdicts.Count == 0
            || await CommitAsync([.. verdicts.Select(verdict => new MatchRecord(verdict, ""))], cancellation);
    }

    /// <summary>Opens the log; one that cannot be opened is tried again later.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (_wal is not null)
        {
            if (_wal.TryOpen() && _wal.Bytes > 0)
            {
                _logger.LogInformation("{Bytes} bytes of events that wait for the store were found", _wal.Bytes);
            }

            _committing = new Thread(Commit) { IsBackground = true, Name = "events" };
            _committing.Start();
        }

        return base.StartAsync(cancellationToken);
    }

    /// <summary>Takes no more events, and stores those that wait, within the drain timeout. What is in the log by then
    /// stays there.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        if (ExecuteTask is { } writing)
        {
            try
            {
                // Not by the host's token: calls that drain may have used it up.
                await writing.WaitAsync(_options.DrainTimeout, _time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // What is left is counted below.
            }
        }

        await base.StopAsync(CancellationToken.None);
        int left = _queue.Count;
        if (left > 0)
        {
            Interlocked.Add(ref _dropped, left);
            _metrics.Dropped(left);
            _logger.LogError("Events of {Count} verdicts were not stored before the shutdown", left);
        }

        CloseLog();
    }

    public override void Dispose()
    {
        Close();
        base.Dispose();
        CloseLog();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            bool isLast;
            bool any;
            do
            {
                isLast = _isDrained;
                any = await StoreSomeAsync(stoppingToken);
                if (!any && !isLast)
                {
                    await _queue.ChangesAsync(stoppingToken);
                }
            }
            while (any || !isLast);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is counted by the stop.
        }
    }

    private async Task<bool> CommitAsync(MatchRecord[] records, CancellationToken cancellation)
    {
        var committed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isOnDisk = false;
        // Without a log they are on record as other lists' events are, and not durable.
        if (_queue.TryAdd(new QueuedRecords(records, committed), toLog: _wal is not null) && _wal is not null)
        {
            try
            {
                isOnDisk = await committed.Task.WaitAsync(_options.Events.CommitTimeout, _time, cancellation);
            }
            catch (TimeoutException)
            {
                // A disk that hangs.
            }
        }

        if (!isOnDisk)
        {
            _metrics.NotDurable(records.Length);
        }

        return isOnDisk;
    }

    // The thread of the log: a disk that hangs holds up nobody else.
    private void Commit()
    {
        List<QueuedRecords> taken = [];
        while (_queue.TakeForLog(taken, CommitSize))
        {
            bool isWritten = TryCommit(taken);
            if (isWritten)
            {
                _queue.Logged(taken);
            }
            else
            {
                _queue.NotLogged(taken);
            }

            foreach (QueuedRecords records in taken)
            {
                records.Committed?.SetResult(isWritten);
            }
        }

        _isDrained = true;
        _queue.Wake();
    }

    private bool TryCommit(List<QueuedRecords> taken)
    {
        try
        {
            foreach (V1.MatchEvent made in taken
                .SelectMany(records => records.Records).SelectMany(record => EventMessages.Of(record)))
            {
                _wal!.Add(made.ToByteArray());
            }

            return _wal!.TryCommit(taken.Exists(records => records.Committed is not null));
        }
        catch (Exception e)
        {
            // A bug must not end the thread, and with it the server: nobody is told that this is on disk.
            _logger.LogError("Events were not written: {Type}\n{Stack}", e.GetType(), e.StackTrace);
            _wal!.TakeBack();
            return false;
        }
    }

    /// <returns>Whether there was anything.</returns>
    private async Task<bool> StoreSomeAsync(CancellationToken stopping)
    {
        bool any = false;
        if (await ReadLogAsync(stopping) is { } batch)
        {
            any = true;
            long place = await StoreAsync(batch.Log, batch.First, batch.Documents, stopping);
            _wal!.LetGo(batch, place);
        }

        MatchRecord[] records = _queue.PeekForStore(BatchSize);
        if (records.Length > 0)
        {
            any = true;
            foreach (ReadOnlyMemory<byte>[] part in records.SelectMany(record => EventMessages.Of(record))
                .Select(made => (ReadOnlyMemory<byte>)made.ToByteArray()).Chunk(BatchSize))
            {
                await StoreAsync(_memoryLog, _memoryPlace, part, stopping);
                _memoryPlace += part.Length;
            }

            _queue.Stored(records);
        }

        return any;
    }

    private async Task<long> StoreAsync(
        string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken stopping)
    {
        for (TimeSpan delay = FirstRetryDelay; ; delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                long place = await _store.AppendEventsOnceAsync(log, first, events, stopping);
                _metrics.Stored(events.Count);
                return place;
            }
            catch (StoreUnavailableException e) when (e.IsUnconfirmed && log == _memoryLog)
            {
                // Written; what the disk does not keep is not kept in memory until a replica has it too.
                _metrics.Stored(events.Count);
                return first + events.Count - 1;
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                if (delay == FirstRetryDelay)
                {
                    _logger.LogWarning(
                        "The store takes no events now; they are kept and tried again: {Reason}", e.Message);
                }

                await Task.Delay(delay, _time, stopping);
            }
        }
    }

    private async Task<WalBatch?> ReadLogAsync(CancellationToken stopping)
    {
        for (TimeSpan delay = FirstRetryDelay; ; delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                return _wal?.Read(BatchSize);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (delay == FirstRetryDelay)
                {
                    _logger.LogError("The write-ahead log of events cannot be read now: {Reason}", e.Message);
                }

                await Task.Delay(delay, _time, stopping);
            }
        }
    }

    private void Drop(int verdicts)
    {
        long dropped = Interlocked.Add(ref _dropped, verdicts);
        _metrics.Dropped(verdicts);
        long last = Interlocked.Read(ref _lastDropLog);
        long now = _time.GetTimestamp();
        if ((last == 0 || _time.GetElapsedTime(last, now) > LogPeriod)
            && Interlocked.CompareExchange(ref _lastDropLog, now, last) == last)
        {
            _logger.LogError("The event queue is full; events of {Count} verdicts were dropped so far", dropped);
        }
    }

    private void Close()
    {
        _queue.Close();
        if (_committing is null)
        {
            _isDrained = true;
            _queue.Wake();
        }
    }

    // Not while its thread hangs in the disk: the next process finds what is there.
    private void CloseLog()
    {
        if (_wal is null || _committing?.Join(FirstRetryDelay) == false || ExecuteTask is { IsCompleted: false })
        {
            return;
        }

        _wal.Dispose();
        if (_wal.Bytes > 0)
        {
            _logger.LogInformation("{Bytes} bytes of events wait on disk for the next start", _wal.Bytes);
        }
    }
}
