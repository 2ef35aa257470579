using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Keeps a <see cref="CurrentIndex"/> in step with a store: loads the active versions, then follows changes, reusing
/// every segment that it already holds. A store that does not answer, or content that is not whole, leaves the index as
/// it is.
/// </summary>
public sealed class ListReplica(IListStore store, CurrentIndex index, TimeProvider time)
{
    private readonly IListStore _store = store;
    private readonly CurrentIndex _index = index;
    private readonly TimeProvider _time = time;

    /// <summary>When the index was last known to be what the store says; null before the first time.</summary>
    public DateTimeOffset? InStepAt => throw new NotSupportedException();

    /// <summary>Why the replica is not in step now; null when it is. Names no entry.</summary>
    public Exception? Fault => throw new NotSupportedException();

    /// <summary>Brings the index in step once.</summary>
    /// <returns>Whether a new index was published.</returns>
    public Task<bool> RefreshAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Refreshes at every change until cancelled, and tries again with back-off after a fault.</summary>
    /// <param name="refreshed">Called after every attempt, published or not, faulted or not.</param>
    /// <param name="cancellation">Ends the loop.</param>
    public Task RunAsync(Action<ListReplica> refreshed, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
