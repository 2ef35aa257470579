namespace HashMatch.Server.Admission;

/// <summary>
/// The line before the decodes, in order of arrival, measured in time: what waits and what is left of what runs, by its
/// estimates. Holds no lock and starts nothing. Times are those of one clock that never goes back.
/// </summary>
internal sealed class DecodeQueue(int decodes, TimeSpan most)
{
    // Work that runs over its estimate by so much has no known end.
    private const int StuckTimes = 4;
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMilliseconds(10);

    // So long an upload may take to come in and still find the room that it was promised.
    private static readonly TimeSpan PromiseTime = TimeSpan.FromMilliseconds(100);

    private readonly LinkedList<QueuedWork> _line = [];
    private readonly LinkedList<Promise> _promises = [];
    private readonly List<QueuedWork> _running = new(decodes);
    private readonly Dictionary<string, int> _byCaller = [];
    private readonly QueueLimit _limit = new(most, decodes);
    private TimeSpan _waiting;

    /// <summary>Pieces of work that wait.</summary>
    public int Count => _line.Count;

    public int Running => _running.Count;

    public bool IsStanding => _limit.IsStanding;

    /// <summary>Uploads that wait, slices left out.</summary>
    public int WaitingUploads { get; private set; }

    public int RunningSlices { get; private set; }

    /// <summary>What the next to come would wait.</summary>
    public TimeSpan Wait(TimeSpan now)
    {
        if (_line.Count == 0 && _running.Count < decodes)
        {
            return TimeSpan.Zero;
        }

        TimeSpan sum = _waiting;
        TimeSpan leastStuck = TimeSpan.MaxValue;
        int able = decodes;
        foreach (QueuedWork work in _running)
        {
            TimeSpan elapsed = now - work.Began;
            if (elapsed > (work.Order.Estimate * StuckTimes) + StuckAfter)
            {
                able--;
                leastStuck = elapsed < leastStuck ? elapsed : leastStuck;
            }
            else if (elapsed < work.Order.Estimate)
            {
                sum += work.Order.Estimate - elapsed;
            }
        }

        // What has run for long may run for as long again.
        return able > 0 ? sum / able : leastStuck + (sum / decodes);
    }

    /// <summary>Whether work may join the line.</summary>
    /// <param name="order">Of a length that may not be known yet: then what its like takes.</param>
    /// <param name="now">The clock.</param>
    /// <param name="typical">What an upload takes.</param>
    public QueueRefusal Judge(WorkOrder order, TimeSpan now, TimeSpan typical)
    {
        Expire(now);
        TimeSpan wait = Wait(now);
        if (order.Deadline is { } deadline && now + wait + order.Estimate > deadline)
        {
            return QueueRefusal.DeadlineTooShort;
        }

        if (order.Waits || order.Promise?.Node is not null)
        {
            return QueueRefusal.None;
        }

        wait += typical * _promises.Count / decodes;
        return wait > _limit.Take(now, wait, typical) ? QueueRefusal.QueueFull : QueueRefusal.None;
    }

    /// <summary>Keeps room for an upload that is being received.</summary>
    public Promise Keep(TimeSpan now)
    {
        var promise = new Promise { Until = now + PromiseTime };
        promise.Node = _promises.AddLast(promise);
        return promise;
    }

    /// <summary>Keeps it no longer.</summary>
    public void Drop(Promise? promise)
    {
        if (promise?.Node is { } node)
        {
            _promises.Remove(node);
            promise.Node = null;
        }
    }

    /// <summary>Puts work at the end of the line.</summary>
    public void Join(QueuedWork work)
    {
        Drop(work.Order.Promise);
        work.Node = _line.AddLast(work);
        Tally(work, 1);
    }

    /// <summary>Takes work out of the line.</summary>
    /// <returns>False when it is not there any more.</returns>
    public bool Leave(QueuedWork work)
    {
        if (work.Node is not { } node)
        {
            return false;
        }

        _line.Remove(node);
        work.Node = null;
        Tally(work, -1);
        return true;
    }

    /// <summary>The last piece of work of the caller that has most in line, when it has at least two more than this
    /// one: one caller must not take the whole line.</summary>
    public QueuedWork? Displaced(string caller)
    {
        int own = _byCaller.GetValueOrDefault(caller);
        (string? heaviest, int most) = (null, own + 1);
        foreach ((string name, int count) in _byCaller)
        {
            (heaviest, most) = count > most ? (name, count) : (heaviest, most);
        }

        for (LinkedListNode<QueuedWork>? node = heaviest is null ? null : _line.Last; node is not null;
            node = node.Previous)
        {
            if (node.Value.Order.Caller == heaviest && !node.Value.Order.Waits)
            {
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>Takes the first in line, when a decode is free.</summary>
    public QueuedWork? Next(TimeSpan now)
    {
        if (_running.Count >= decodes || _line.First is not { Value: { } work })
        {
            return null;
        }

        Leave(work);
        work.Began = now;
        _running.Add(work);
        RunningSlices += work.Order.IsSlice ? 1 : 0;
        return work;
    }

    /// <summary>Work that ran is over.</summary>
    public void End(QueuedWork work)
    {
        if (_running.Remove(work))
        {
            RunningSlices -= work.Order.IsSlice ? 1 : 0;
        }
    }

    /// <summary>Empties the line.</summary>
    public QueuedWork[] Clear()
    {
        QueuedWork[] left = [.. _line];
        foreach (QueuedWork work in left)
        {
            Leave(work);
        }

        return left;
    }

    private void Expire(TimeSpan now)
    {
        while (_promises.First is { Value: { } first } && first.Until <= now)
        {
            Drop(first);
        }
    }

    private void Tally(QueuedWork work, int by)
    {
        _waiting += work.Order.Estimate * by;
        WaitingUploads += work.Order.IsSlice ? 0 : by;
        int count = _byCaller.GetValueOrDefault(work.Order.Caller) + (work.Order.Waits ? 0 : by);
        if (count == 0)
        {
            _byCaller.Remove(work.Order.Caller);
        }
        else
        {
            _byCaller[work.Order.Caller] = count;
        }
    }
}
