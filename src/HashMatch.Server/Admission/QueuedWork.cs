using Grpc.Core;

namespace HashMatch.Server.Admission;

/// <summary>What stands in line for a decode.</summary>
internal abstract class QueuedWork(WorkOrder order)
{
    public WorkOrder Order { get; } = order;

    /// <summary>Its place in the line; null when it is not there.</summary>
    public LinkedListNode<QueuedWork>? Node { get; set; }

    /// <summary>When it began, by the line's clock.</summary>
    public TimeSpan Began { get; set; }

    /// <summary>Does it; its failure is its waiter's.</summary>
    public abstract void Run();

    /// <summary>Tells its waiter what it came to.</summary>
    public abstract void Publish();

    /// <summary>Ends it before it began.</summary>
    public abstract void Refuse(RpcException refusal);

    /// <summary>Ends it before it began: nobody waits any more.</summary>
    public abstract void Cancel(CancellationToken cancellation);
}

/// <inheritdoc/>
internal sealed class QueuedWork<T>(WorkOrder order, Func<T> work) : QueuedWork(order)
{
    // What comes after the work must not run on the decode's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Action _publish = () => { };

    public Task<T> Done => _done.Task;

    public override void Run()
    {
        try
        {
            T result = work();
            _publish = () => _done.TrySetResult(result);
        }
        catch (OperationCanceledException e)
        {
            _publish = () => _done.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            _publish = () => _done.TrySetException(e);
        }
    }

    public override void Publish() => _publish();

    public override void Refuse(RpcException refusal) => _done.TrySetException(refusal);

    public override void Cancel(CancellationToken cancellation) => _done.TrySetCanceled(cancellation);
}
