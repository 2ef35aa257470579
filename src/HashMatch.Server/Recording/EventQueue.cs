using System.Threading.Channels;

namespace HashMatch.Server.Recording;

/// <summary>
/// Verdicts whose events are in memory alone: those that wait for the write-ahead log, and those that go past it into
/// the store, since there is no log or it takes none. Bounded over both, in verdicts and in events.
/// </summary>
internal sealed class EventQueue
{
    /// <summary>Verdicts that wait at most.</summary>
    public const int MaxVerdicts = 65_536;

    /// <summary>Events that wait at most, and those of one call more.</summary>
    public const int MaxEvents = 262_144;

    private readonly Queue<QueuedRecords> _forLog = new();
    private readonly Queue<MatchRecord> _forStore = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _verdicts;
    private int _events;
    private bool _isClosed;

    /// <summary>Verdicts that wait.</summary>
    public int Count
    {
        get
        {
            lock (_forLog)
            {
                return _verdicts;
            }
        }
    }

    /// <summary>Takes verdicts, all or none. Never waits.</summary>
    /// <param name="records">At least one.</param>
    /// <param name="toLog">Whether they are for the log.</param>
    /// <returns>False when there is no room, or the queue is closed.</returns>
    public bool TryAdd(in QueuedRecords records, bool toLog)
    {
        lock (_forLog)
        {
            if (_isClosed || _verdicts >= MaxVerdicts || _events >= MaxEvents)
            {
                return false;
            }

            Weigh(records.Records, 1);
            if (toLog)
            {
                _forLog.Enqueue(records);
                Monitor.Pulse(_forLog);
            }
            else
            {
                AddForStore(records.Records);
            }

            return true;
        }
    }

    /// <summary>Waits for verdicts that are for the log.</summary>
    /// <param name="taken">Gets them, in order: all calls' until there are enough events.</param>
    /// <param name="enough">Events of one commit; a call's own are taken together.</param>
    /// <returns>False when the queue is closed and has no more.</returns>
    public bool TakeForLog(List<QueuedRecords> taken, int enough)
    {
        taken.Clear();
        lock (_forLog)
        {
            while (_forLog.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_forLog);
            }

            for (int events = 0; events < enough && _forLog.TryDequeue(out QueuedRecords records);)
            {
                taken.Add(records);
                events += records.Records.Sum(record => record.EventCount);
            }
        }

        return taken.Count > 0;
    }

    /// <summary>Says that the log has what was taken for it.</summary>
    public void Logged(List<QueuedRecords> taken)
    {
        lock (_forLog)
        {
            foreach (QueuedRecords records in taken)
            {
                Weigh(records.Records, -1);
            }
        }

        Wake();
    }

    /// <summary>Says that the log takes none: what was taken for it goes to the store past it.</summary>
    public void NotLogged(List<QueuedRecords> taken)
    {
        lock (_forLog)
        {
            foreach (QueuedRecords records in taken)
            {
                AddForStore(records.Records);
            }
        }
    }

    /// <summary>Some of the verdicts that go past the log, oldest first.</summary>
    public MatchRecord[] PeekForStore(int enough)
    {
        lock (_forLog)
        {
            int events = 0;
            List<MatchRecord> some = [];
            foreach (MatchRecord record in _forStore)
            {
                events += record.EventCount;
                if (some.Count > 0 && events > enough)
                {
                    break;
                }

                some.Add(record);
            }

            return [.. some];
        }
    }

    /// <summary>Lets go of verdicts whose events the store has.</summary>
    public void Stored(MatchRecord[] records)
    {
        lock (_forLog)
        {
            for (int i = 0; i < records.Length; i++)
            {
                _forStore.Dequeue();
            }

            Weigh(records, -1);
        }
    }

    /// <summary>Waits until there may be something for the store.</summary>
    public ValueTask<bool> ChangesAsync(CancellationToken cancellation) => _changed.Reader.ReadAsync(cancellation);

    /// <summary>Wakes whoever waits for a change.</summary>
    public void Wake() => _changed.Writer.TryWrite(true);

    /// <summary>Takes no more.</summary>
    public void Close()
    {
        lock (_forLog)
        {
            _isClosed = true;
            Monitor.PulseAll(_forLog);
        }

        Wake();
    }

    private void AddForStore(IReadOnlyList<MatchRecord> records)
    {
        foreach (MatchRecord record in records)
        {
            _forStore.Enqueue(record);
        }

        Wake();
    }

    private void Weigh(IReadOnlyList<MatchRecord> records, int sign)
    {
        foreach (MatchRecord record in records)
        {
            _verdicts += sign;
            _events += sign * record.EventCount;
        }
    }
}
