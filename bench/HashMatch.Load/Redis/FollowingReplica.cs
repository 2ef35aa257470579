using System.Diagnostics;
using HashMatch.Cli.Driving;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;

namespace HashMatch.Load.Redis;

/// <summary>An index that follows a store over a connection of its own.</summary>
internal sealed class FollowingReplica : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly CurrentIndex _current = new();
    private readonly IListStore _store;
    private readonly ListReplica _replica;
    private Task _following = Task.CompletedTask;

    private FollowingReplica(IListStore store)
    {
        _store = store;
        _replica = new ListReplica(store, _current, TimeProvider.System);
    }

    /// <summary>Loads the index, then follows.</summary>
    public static async Task<FollowingReplica> StartAsync(string address, CancellationToken cancellation)
    {
        var replica = new FollowingReplica(await ListStores.OpenAsync(address, TimeProvider.System, cancellation));
        await replica._replica.RefreshAsync(cancellation);
        if (replica._replica.Fault is { } fault)
        {
            await replica.DisposeAsync();
            throw new InvalidOperationException(fault.Message, fault);
        }

        replica._following = replica._replica.RunAsync(_ => { }, replica._end.Token);
        return replica;
    }

    /// <summary>Whether a hash is listed.</summary>
    public bool Has(PdqHash hash)
    {
        List<Candidate> found = [];
        using IndexLease lease = _current.Acquire()!;
        lease.Index.Find(new QueryHash(hash, Orientation.Original, 100), found);
        return found.Exists(candidate => candidate.Distance == 0);
    }

    /// <summary>Looks random hashes up, one after the other, until told to stop.</summary>
    public Latencies Find(int seed, CancellationToken stop)
    {
        var hashes = new BalancedHashes(seed);
        var taken = new Latencies();
        List<Candidate> found = [];
        for (long number = 0; !stop.IsCancellationRequested; number++)
        {
            PdqHash hash = hashes[number];
            found.Clear();
            long start = Stopwatch.GetTimestamp();
            using (IndexLease lease = _current.Acquire()!)
            {
                lease.Index.Find(new QueryHash(hash, Orientation.Original, 100), found);
            }

            taken.Record(Stopwatch.GetElapsedTime(start));
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        _replica.Dispose();
        await _store.DisposeAsync();
        _end.Dispose();
    }
}
