using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Verdicts;

/// <summary>The active versions of a store, as they were when it was opened, in this process.</summary>
internal sealed class LocalIndex : IDisposable
{
    private readonly CurrentIndex _current;
    private readonly IndexLease _lease;

    private LocalIndex(CurrentIndex current, IndexLease lease)
    {
        _current = current;
        _lease = lease;
    }

    public HashIndex Index => _lease.Index;

    /// <summary>Loads the active versions.</summary>
    /// <exception cref="FailureException">No enabled list has an active version, or they do not fit into memory.
    /// </exception>
    public static async Task<LocalIndex> OpenAsync(IListStore store, CancellationToken cancellation)
    {
        var current = new CurrentIndex();
        using var replica = new ListReplica(store, current, TimeProvider.System);
        await replica.RefreshAsync(cancellation);
        if (replica.Fault is { } fault)
        {
            current.Dispose();
            throw fault switch
            {
                StoreUnavailableException or StoreCorruptException => fault,
                IndexTooLargeException or OutOfMemoryException => new FailureException(
                    new Failure(
                        "NOT_ENOUGH_MEMORY", fault.Message, "Go through a server that has it: --server URL."),
                    fault),
                _ => new StoreCorruptException(fault.Message, fault),
            };
        }

        IndexLease? lease = current.Acquire();
        if (lease is null || !lease.Index.Matches(TimeProvider.System.GetUtcNow()))
        {
            lease?.Dispose();
            current.Dispose();
            throw new FailureException(Failure.NoActiveLists);
        }

        return new LocalIndex(current, lease);
    }

    public void Dispose()
    {
        _lease.Dispose();
        _current.Dispose();
    }
}
