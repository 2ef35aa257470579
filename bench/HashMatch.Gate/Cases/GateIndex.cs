using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Gate.Cases;

/// <summary>The index of a list, as a replica holds it.</summary>
internal sealed class GateIndex : IDisposable
{
    private readonly CurrentIndex _current = new();
    private readonly IListStore _store;
    private readonly ListReplica _replica;

    private GateIndex(IListStore store)
    {
        _store = store;
        _replica = new ListReplica(store, _current, TimeProvider.System);
    }

    public HashIndex Index => _current.Value!;

    /// <summary>Loads it.</summary>
    /// <exception cref="InvalidOperationException">It could not be loaded.</exception>
    public static async Task<GateIndex> LoadAsync(GateList list)
    {
        IListStore store = await ListStores.OpenAsync(await list.StoreAsync(), TimeProvider.System, default);
        var index = new GateIndex(store);
        await index._replica.RefreshAsync(default);
        return index._replica.Fault is { } fault
            ? throw new InvalidOperationException(fault.Message, fault)
            : index;
    }

    public void Dispose()
    {
        _replica.Dispose();
        _current.Dispose();
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
