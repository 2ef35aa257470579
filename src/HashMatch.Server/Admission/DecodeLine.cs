using Grpc.Core;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Admission;

/// <summary>
/// The decodes: threads of their own, so that the transport's are never taken, and the line before them. What cannot be
/// done before its caller's deadline is refused when it comes, and again when its turn comes too late.
/// </summary>
internal sealed class DecodeLine : IDisposable
{
    /// <summary>How far decodes stand behind the transport, which must say no while they take every processor.
    /// </summary>
    private const int Nice = 10;

    private readonly object _gate = new();
    private readonly DecodeQueue _queue;
    private readonly DecodeCosts _costs;
    private readonly TimeProvider _time;
    private readonly AdmissionMetrics? _metrics;
    private bool _isOver;

    public DecodeLine(ServerOptions options, DecodeCosts costs, TimeProvider time, AdmissionMetrics? metrics)
    {
        _queue = new DecodeQueue(options.MaxConcurrentDecodes, options.MaxQueueDelay);
        _costs = costs;
        _time = time;
        _metrics = metrics;
        for (int i = 0; i < options.MaxConcurrentDecodes; i++)
        {
            new Thread(Decode) { IsBackground = true, Name = "decode" }.Start();
        }
    }

    /// <summary>Whether an upload waits while more than one slice runs.</summary>
    public bool IsSliceInTheWay
    {
        get
        {
            lock (_gate)
            {
                return _queue.WaitingUploads > 0 && _queue.RunningSlices > 1;
            }
        }
    }

    /// <summary>Work that waits.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>What the next to come would wait.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_gate)
            {
                return _queue.Wait(Now);
            }
        }
    }

    private TimeSpan Now => WorkOrder.Clock(_time);

    /// <summary>Whether work would be let in now.</summary>
    /// <param name="order">As far as it is known.</param>
    /// <param name="promise">Room in the line, kept for it when it is let in and does not wait for its turn.</param>
    public RpcException? Refusal(WorkOrder order, out Promise? promise)
    {
        lock (_gate)
        {
            TimeSpan now = Now;
            QueueRefusal judged = _queue.Judge(order, now, _costs.Typical);
            bool takes = judged == QueueRefusal.QueueFull && _queue.Displaced(order.Caller) is not null;
            RpcException? refusal = takes ? null : Refuse(judged, now);
            promise = judged == QueueRefusal.None && !order.Waits ? _queue.Keep(now) : null;
            return refusal;
        }
    }

    /// <summary>The room is not needed any more.</summary>
    public void Drop(Promise? promise)
    {
        if (promise is not null)
        {
            lock (_gate)
            {
                _queue.Drop(promise);
            }
        }
    }

    /// <summary>Does work once a decode is free.</summary>
    /// <param name="order">What it is.</param>
    /// <param name="work">Heavy and synchronous.</param>
    /// <param name="cancellation">Ends the wait. Work that began is waited for: it reads the upload's memory.</param>
    /// <exception cref="RpcException">QUEUE_FULL, DEADLINE_TOO_SHORT: not begun.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, before the work or in it.</exception>
    public async Task<T> RunAsync<T>(WorkOrder order, Func<T> work, CancellationToken cancellation)
    {
        var queued = new QueuedWork<T>(order, work);
        Join(queued);
        await using (cancellation.UnsafeRegister(_ => Cancel(queued, cancellation), null))
        {
            return await queued.Done;
        }
    }

    public void Dispose()
    {
        QueuedWork[] left;
        lock (_gate)
        {
            _isOver = true;
            left = _queue.Clear();
            Monitor.PulseAll(_gate);
        }

        foreach (QueuedWork work in left)
        {
            work.Refuse(RpcErrors.ShuttingDown());
        }
    }

    private void Join(QueuedWork work)
    {
        QueuedWork? displaced = null;
        RpcException? refusal;
        lock (_gate)
        {
            if (_isOver)
            {
                throw RpcErrors.ShuttingDown();
            }

            TimeSpan now = Now;
            QueueRefusal judged = _queue.Judge(work.Order, now, _costs.Typical);
            displaced = judged == QueueRefusal.QueueFull ? _queue.Displaced(work.Order.Caller) : null;
            refusal = displaced is null ? Refuse(judged, now) : null;
            if (refusal is null)
            {
                _ = displaced is not null && _queue.Leave(displaced);
                _queue.Join(work);
                Monitor.Pulse(_gate);
            }
        }

        if (displaced is not null)
        {
            displaced.Refuse(Count(RpcErrors.QueueFull()));
        }

        if (refusal is not null)
        {
            throw refusal;
        }
    }

    private void Cancel(QueuedWork work, CancellationToken cancellation)
    {
        bool wasWaiting;
        lock (_gate)
        {
            wasWaiting = _queue.Leave(work);
        }

        if (wasWaiting)
        {
            work.Cancel(cancellation);
        }
    }

    private void Decode()
    {
        ThreadNice.Lower(Nice);
        while (Take() is { } work)
        {
            work.Run();
            lock (_gate)
            {
                _queue.End(work);
            }

            // Behind that: its caller's next call must not meet it in the line, on a machine where this thread waits.
            work.Publish();
        }
    }

    // The next piece of work that is still in time; null at the end.
    private QueuedWork? Take()
    {
        while (true)
        {
            QueuedWork? work;
            TimeSpan now;
            lock (_gate)
            {
                now = Now;
                while ((work = _queue.Next(now)) is null)
                {
                    if (_isOver)
                    {
                        return null;
                    }

                    Monitor.Wait(_gate);
                    now = Now;
                }

                if (!IsLate(work, now))
                {
                    return work;
                }

                _queue.End(work);
            }

            work.Refuse(Count(RpcErrors.DeadlineTooShort(Later(TimeSpan.Zero))));
        }
    }

    private static bool IsLate(QueuedWork work, TimeSpan now) =>
        work.Order.Deadline is { } deadline && now + work.Order.Estimate > deadline;

    private RpcException? Refuse(QueueRefusal refusal, TimeSpan now) => refusal switch
    {
        QueueRefusal.QueueFull => Count(RpcErrors.QueueFull(Later(_queue.Wait(now)))),
        QueueRefusal.DeadlineTooShort => Count(RpcErrors.DeadlineTooShort(Later(_queue.Wait(now)))),
        _ => null,
    };

    private RpcException Count(RpcException refusal)
    {
        _metrics?.Shed(RpcErrors.ReasonOf(refusal));
        return refusal;
    }

    // Once the line has gone down, and not all of them at the same moment.
#pragma warning disable CA5394 // No secret.
    private static TimeSpan Later(TimeSpan wait) => TimeSpan.FromMilliseconds(
        Math.Clamp(wait.TotalMilliseconds, 100, 5000) * (0.75 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
}
