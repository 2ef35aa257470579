using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Replica;

/// <summary>
/// Says whether uploads can be looked up now; an index that cannot answer is an error, never "no match".
/// </summary>
public sealed class IndexReadiness(
    CurrentIndex current, ListReplica replica, ServerOptions options, TimeProvider time)
{
    private volatile bool _isWarm;

    /// <summary>Where the index stands now.</summary>
    public IndexState State => StateOf(current.Value);

    /// <summary>
    /// Whether the server can take calls: also while there are no lists yet, so that they can be loaded.
    /// </summary>
    public bool IsReady => State is IndexState.Answers or IndexState.NoActiveLists;

    /// <summary>Whether the first index has been loaded and the code is warm; stays so.</summary>
    public bool IsStarted => _isWarm;

    /// <summary>Whether uploads get verdicts.</summary>
    public bool IsMatching => State == IndexState.Answers;

    /// <summary>Says that the code is warm; from now on a loaded index is ready.</summary>
    public void SetWarm() => _isWarm = true;

    /// <summary>The newest index, held until the lease is disposed.</summary>
    /// <exception cref="Grpc.Core.RpcException">It cannot answer: INDEX_NOT_READY, INDEX_TOO_OLD or
    /// NO_ACTIVE_LISTS.</exception>
    public IndexLease Require()
    {
        IndexLease? lease = current.Acquire();
        IndexState state = StateOf(lease?.Index);
        if (state == IndexState.Answers)
        {
            return lease!;
        }

        lease?.Dispose();
        throw state switch
        {
            IndexState.NoActiveLists => RpcErrors.NoActiveLists(),
            IndexState.TooOld => RpcErrors.IndexTooOld(),
            _ => RpcErrors.IndexNotReady(),
        };
    }

    private IndexState StateOf(HashIndex? index)
    {
        if (index is null || !_isWarm)
        {
            return IndexState.NotReady;
        }

        if (options.MaxIndexAge is { } limit && !(replica.Age <= limit))
        {
            return IndexState.TooOld;
        }

        return index.Matches(time.GetUtcNow()) || options.AllowEmptyIndex
            ? IndexState.Answers
            : IndexState.NoActiveLists;
    }
}
