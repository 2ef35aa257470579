using System.Threading.Channels;
using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;
using HashMatch.Server.Services;

namespace HashMatch.Server.Recording;

/// <summary>
/// Writes match events behind the verdicts, in batches. A store that is down is tried again; meanwhile verdicts queue
/// up, and once the queue is full the newest are dropped, counted and logged.
/// </summary>
public sealed class EventWriter(
    IListStore store, ServerOptions options, TimeProvider time, ILogger<EventWriter> logger) : BackgroundService
{
    /// <summary>Verdicts that wait.</summary>
    public const int MaxQueued = 65_536;

    /// <summary>Most events of one write.</summary>
    public const int BatchSize = 500;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly Channel<MatchRecord> _queue = Channel.CreateBounded<MatchRecord>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _dropped;
    private long _lastDropLog;
    private int _inWrite;
    private long _written;

    /// <summary>Verdicts whose events were lost since the start: the queue was full, or a shutdown ran out of
    /// time.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Verdicts whose events wait, those of a write that is under way among them.</summary>
    public int Queued => _queue.Reader.Count + Volatile.Read(ref _inWrite);

    /// <summary>Events that the store took since the start.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Queues the events of a verdict; one without matches has none. Never waits.</summary>
    public void Record(Verdict verdict, string reference)
    {
        if (verdict.Matches.Count + verdict.ShadowMatches.Count + verdict.Suppressed.Count == 0
            || _queue.Writer.TryWrite(new MatchRecord(verdict, reference)))
        {
            return;
        }

        long dropped = Interlocked.Increment(ref _dropped);
        long last = Interlocked.Read(ref _lastDropLog);
        long now = time.GetTimestamp();
        if ((last == 0 || time.GetElapsedTime(last, now) > LogPeriod)
            && Interlocked.CompareExchange(ref _lastDropLog, now, last) == last)
        {
            logger.LogError("The event queue is full; events of {Count} verdicts were dropped so far", dropped);
        }
    }

    /// <summary>Takes no more events and stores those that wait, within the drain timeout.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writing)
        {
            try
            {
                // Not by the host's token: calls that drain may have used it up.
                await writing.WaitAsync(options.DrainTimeout, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // What is left is counted below.
            }
        }

        await base.StopAsync(CancellationToken.None);
        int left = _queue.Reader.Count + _inWrite;
        if (left > 0)
        {
            Interlocked.Add(ref _dropped, left);
            logger.LogError("Events of {Count} verdicts were not stored before the shutdown", left);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WriteAllAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is counted by the stop.
        }
    }

    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        List<ReadOnlyMemory<byte>> events = [];
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            events.Clear();
            while (events.Count < BatchSize && _queue.Reader.TryRead(out MatchRecord record))
            {
                _inWrite++;
                events.AddRange(EventMessages.Of(record).Select(e => (ReadOnlyMemory<byte>)e.ToByteArray()));
            }

            foreach (ReadOnlyMemory<byte>[] batch in events.Chunk(BatchSize))
            {
                await WriteAsync(batch, stoppingToken);
            }

            _inWrite = 0;
        }
    }

    // A write that timed out may have been done: an event can stand in the log twice, with the same verdict id.
    private async Task WriteAsync(ReadOnlyMemory<byte>[] batch, CancellationToken cancellation)
    {
        TimeSpan delay = FirstRetryDelay;
        while (true)
        {
            try
            {
                await store.AppendEventsAsync(batch, cancellation);
                Interlocked.Add(ref _written, batch.Length);
                return;
            }
            catch (StoreUnavailableException)
            {
                if (delay == FirstRetryDelay)
                {
                    logger.LogWarning("The store takes no events now; they are kept and tried again");
                }

                await Task.Delay(delay, time, cancellation);
                delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay;
            }
        }
    }
}
