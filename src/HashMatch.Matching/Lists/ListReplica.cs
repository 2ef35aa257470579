using System.Collections.Concurrent;
using HashMatch.Matching.Index;
using HashMatch.Matching.Recovery;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Keeps a <see cref="CurrentIndex"/> in step with a store: loads the active versions, then follows changes, reusing
/// every segment that it already holds. A store that does not answer leaves the index as it is; a list whose server is
/// away, or whose content is not whole, stays as it is while others move on, and an index that memory has no room for.
/// So does a list that the store lost: that somebody deleted it is in its change log, which outlives it.
/// </summary>
public sealed partial class ListReplica : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    // What is not whole is read anew with every attempt; whether a store is back is known at once.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWaitForStore = TimeSpan.FromMilliseconds(250);

    private readonly IListStore _store;
    private readonly CurrentIndex _index;
    private readonly IndexAssembly _assembly;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConcurrentDictionary<string, ListSegment> _segments = new();
    private Dictionary<string, LoadedList> _loaded = [];
    private Dictionary<string, Guid> _expected = [];
    private volatile StepState _state = new(null, null, null, default, default);
    private volatile ReplicaContent? _content;

    /// <param name="store">What says which versions are active.</param>
    /// <param name="index">Kept in step, by this replica alone.</param>
    /// <param name="time">The clock.</param>
    public ListReplica(IListStore store, CurrentIndex index, TimeProvider time)
        : this(store, index, time, new IndexAssembly(index))
    {
    }

    internal ListReplica(IListStore store, CurrentIndex index, TimeProvider time, IndexAssembly assembly)
    {
        _store = store;
        _index = index;
        _time = time;
        _assembly = assembly;
    }

    /// <summary>When the index was last known to be what the store says; null before the first time.</summary>
    public DateTimeOffset? InStepAt => _state.InStepAt;

    /// <summary>How long ago that was, at least: a clock that is set back makes no list younger. Null before the first
    /// time.</summary>
    public TimeSpan? Age => _state is { InStepAt: { } at } state ? Longer(at, state.InStep) : null;

    /// <summary>How long the replica is out of step, likewise; null when it is in step.</summary>
    public TimeSpan? OutOfStepFor => _state is { Since: { } since } state ? Longer(since, state.OutOfStep) : null;

    /// <summary>Why the replica is not in step now; null when it is. Names no entry.</summary>
    public Exception? Fault => _state.Fault;

    /// <summary>Since when the replica is not in step; null when it is. For one that matches from saved lists, when
    /// they were.</summary>
    public DateTimeOffset? OutOfStepSince => _state.Since;

    /// <summary>Whether the replica has ever been in step.</summary>
    public bool WasInStep => _content is not null;

    private TimeSpan Steady => _time.GetElapsedTime(0);

    /// <summary>What is matched against, while it is in step; null when it is not.</summary>
    internal ReplicaContent? Content => Fault is null ? _content : null;

    /// <inheritdoc cref="IndexAssembly.MergeFault"/>
    public Exception? MergeFault => _assembly.MergeFault;

    public void Dispose()
    {
        _assembly.Dispose();
        _oneAtATime.Dispose();
    }

    /// <summary>Brings the index in step once; a fault is kept in <see cref="Fault"/>, not thrown.</summary>
    /// <returns>Whether a new index was published.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            (DateTimeOffset asked, TimeSpan steady) = (_time.GetUtcNow(), Steady);
            (bool published, Exception? fault) = await StepAsync(cancellation).ConfigureAwait(false);
            if (fault is null)
            {
                _expected = [];
                _content = new ReplicaContent([.. _loaded.Values.Where(list => list.Indexed is not null)], asked);
                _state = new StepState(asked, null, null, steady, default);
            }
            else
            {
                SetFault(fault);
            }

            return published;
        }
        catch (Exception e) when (
            e is StoreUnavailableException or StoreCorruptException or IndexTooLargeException or OutOfMemoryException)
        {
            SetFault(e);
            return false;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Refreshes at every change until cancelled, and tries again with back-off after a fault.</summary>
    /// <param name="refreshed">Called after every attempt, published or not, faulted or not.</param>
    /// <param name="cancellation">Ends the loop, which then returns.</param>
    public async Task RunAsync(Action<ListReplica> refreshed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(refreshed);
        TimeSpan wait = ShortestWait;
        bool unwatched = false;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (unwatched)
                {
                    // The watch needs what is away; the rest is followed all the same.
                    unwatched = false;
                    await RefreshAsync(cancellation).ConfigureAwait(false);
                    refreshed(this);
                }

                await foreach (bool _ in _store.WatchAsync(cancellation).ConfigureAwait(false))
                {
                    await RefreshAsync(cancellation).ConfigureAwait(false);
                    refreshed(this);
                    if (Fault is not null)
                    {
                        break;
                    }

                    wait = ShortestWait;
                }
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                SetFault(e);
                refreshed(this);
                unwatched = true;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            TimeSpan longest = Fault is StoreUnavailableException ? LongestWaitForStore : LongestWait;
            wait = wait * 2 < longest ? wait * 2 : longest;
        }
    }

    /// <summary>Tells of lists that the store must have, or a deletion of each: a store that was emptied is told by
    /// them from one that is new. Before the first refresh.</summary>
    public void Expect(SavedLists saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        _expected = saved.Lists.Select(ListDocument.Decode).ToDictionary(list => list.Name, list => list.Id);
    }

    /// <summary>Matches against lists that were saved, unless the store's are in.</summary>
    /// <param name="saved">The lists.</param>
    /// <param name="read">Reads a blob by its id; null when it is not there.</param>
    /// <param name="cancellation">Nothing is published then.</param>
    /// <returns>Whether they were published.</returns>
    /// <exception cref="StoreCorruptException">They are not whole; nothing was published.</exception>
    /// <exception cref="IndexTooLargeException">Likewise.</exception>
    internal async Task<bool> RestoreAsync(
        SavedLists saved, Func<string, CancellationToken, Task<byte[]?>> read, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_index.Value is not null)
            {
                return false;
            }

            Dictionary<string, LoadedList> next = [];
            foreach (StoredList stored in saved.Lists)
            {
                next[stored.Name] = await LoadAsync(
                    stored, ListDocument.Decode(stored), null, (_, id, token) => read(id, token), cancellation)
                    .ConfigureAwait(false);
            }

            Publish(next, cancellation);
            Exception fault = Fault ?? new StoreUnavailableException($"{_store.Description} has not answered yet.");
            // How old they are is told by the time of day alone.
            TimeSpan age = _time.GetUtcNow() - saved.InStepAt;
            TimeSpan steady = Steady - (age > TimeSpan.Zero ? age : TimeSpan.Zero);
            _state = new StepState(saved.InStepAt, fault, saved.InStepAt, steady, steady);
            return true;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void SetFault(Exception fault)
    {
        StepState state = _state;
        _state = state.Since is null
            ? state with { Fault = fault, Since = _time.GetUtcNow(), OutOfStep = Steady }
            : state with { Fault = fault };
    }

    private async Task<(bool Published, Exception? Fault)> StepAsync(CancellationToken cancellation)
    {
        Dictionary<string, LoadedList> next = [];
        (IReadOnlyList<string> stored, Exception? fault) = await NamesAsync(cancellation).ConfigureAwait(false);
        string[] names = [.. stored.Union(_loaded.Keys).Union(_expected.Keys)];
        Task<StoredList?>[] reads = [.. names.Select(name => _store.ReadListAsync(name, cancellation))];
        await Task.WhenAll((IEnumerable<Task>)reads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool whole = true;
        for (int i = 0; i < reads.Length; i++)
        {
            LoadedList? known = _loaded.GetValueOrDefault(names[i]);
            try
            {
                StoredList? read = await reads[i].ConfigureAwait(false);
                if (await LoadAsync(names[i], read, known, cancellation).ConfigureAwait(false) is { } list)
                {
                    next[names[i]] = list;
                }
            }
            catch (Exception e) when (e is StoreCorruptException or StoreUnavailableException)
            {
                fault ??= e;
                whole &= known is not null;
                if (known is not null)
                {
                    next[names[i]] = known;
                }
            }
        }

        // A list that was never loaded cannot be left out: its matches would be missed in silence.
        return whole ? (Publish(next, cancellation), fault) : (false, fault);
    }

    // A cluster's server can be away that has the names: then those lists go on that are known.
    private async Task<(IReadOnlyList<string> Names, Exception? Fault)> NamesAsync(CancellationToken cancellation)
    {
        try
        {
            return (await _store.ReadListNamesAsync(cancellation).ConfigureAwait(false), null);
        }
        catch (StoreUnavailableException e) when (_loaded.Count > 0)
        {
            return ([.. _loaded.Keys], e);
        }
    }

    private bool Publish(Dictionary<string, LoadedList> next, CancellationToken cancellation)
    {
        List<IndexedList> lists = [.. next.Values.Select(list => list.Indexed).OfType<IndexedList>()];
        bool changed = _index.Value is not { } current || !PartShelf.Enabled(lists).SequenceEqual(current.Lists);
        try
        {
            if (changed)
            {
                _assembly.Publish(lists, cancellation);
            }

            _loaded = next;
        }
        finally
        {
            // What was read for an index that could not be built is not held either.
            HashSet<string> used = [.. _loaded.Values.SelectMany(list => list.Segments).Select(s => s.Id)];
            foreach (string id in _segments.Keys.Where(id => !used.Contains(id)))
            {
                _segments.TryRemove(id, out _);
            }
        }

        return changed;
    }

    private TimeSpan Longer(DateTimeOffset since, TimeSpan steady)
    {
        TimeSpan byDay = _time.GetUtcNow() - since;
        TimeSpan passed = Steady - steady;
        return byDay > passed ? byDay : passed;
    }

    // Each moment by the time of day and by the clock that never jumps.
    private sealed record StepState(
        DateTimeOffset? InStepAt, Exception? Fault, DateTimeOffset? Since, TimeSpan InStep, TimeSpan OutOfStep);
}
