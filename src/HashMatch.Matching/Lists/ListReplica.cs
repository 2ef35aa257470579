using System.Collections.Concurrent;
using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Keeps a <see cref="CurrentIndex"/> in step with a store: loads the active versions, then follows changes, reusing
/// every segment that it already holds. A store that does not answer leaves the index as it is; a list whose server is
/// away, or whose content is not whole, stays as it is while others move on, and an index that memory has no room for.
/// </summary>
public sealed class ListReplica : IDisposable
{
    private const int MaxReadsInFlight = 8;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly IListStore _store;
    private readonly CurrentIndex _index;
    private readonly IndexAssembly _assembly;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConcurrentDictionary<string, ListSegment> _segments = new();
    private Dictionary<string, LoadedList> _loaded = [];
    private volatile StepState _state = new(null, null);

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

    /// <summary>Why the replica is not in step now; null when it is. Names no entry.</summary>
    public Exception? Fault => _state.Fault;

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
            DateTimeOffset asked = _time.GetUtcNow();
            (bool published, Exception? fault) = await StepAsync(cancellation).ConfigureAwait(false);
            _state = fault is null ? new StepState(asked, null) : _state with { Fault = fault };
            return published;
        }
        catch (Exception e) when (
            e is StoreUnavailableException or StoreCorruptException or IndexTooLargeException or OutOfMemoryException)
        {
            _state = _state with { Fault = e };
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
                _state = _state with { Fault = e };
                refreshed(this);
                unwatched = true;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private async Task<(bool Published, Exception? Fault)> StepAsync(CancellationToken cancellation)
    {
        Dictionary<string, LoadedList> next = [];
        (IReadOnlyList<string> names, Exception? fault) = await NamesAsync(cancellation).ConfigureAwait(false);
        Task<StoredList?>[] reads = [.. names.Select(name => _store.ReadListAsync(name, cancellation))];
        await Task.WhenAll((IEnumerable<Task>)reads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool whole = true;
        for (int i = 0; i < reads.Length; i++)
        {
            LoadedList? known = _loaded.GetValueOrDefault(names[i]);
            try
            {
                if (await reads[i].ConfigureAwait(false) is { } stored)
                {
                    next[names[i]] = await LoadAsync(stored, known, cancellation).ConfigureAwait(false);
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
            HashSet<string> used = [.. _loaded.Values.SelectMany(list => list.Segments)];
            foreach (string id in _segments.Keys.Where(id => !used.Contains(id)))
            {
                _segments.TryRemove(id, out _);
            }
        }

        return changed;
    }

    private async Task<LoadedList> LoadAsync(StoredList stored, LoadedList? known, CancellationToken cancellation)
    {
        try
        {
            return await LoadAsync(ListDocument.Decode(stored), known, cancellation).ConfigureAwait(false);
        }
        catch (StoreCorruptException)
        {
            // A version that was replaced and deleted while it was being read looks just like a broken one.
            StoredList? again = await _store.ReadListAsync(stored.Name, cancellation).ConfigureAwait(false);
            if (again is null)
            {
                return LoadedList.Nothing;
            }

            if (again.Revision == stored.Revision)
            {
                throw;
            }

            return await LoadAsync(ListDocument.Decode(again), known, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<LoadedList> LoadAsync(HashList list, LoadedList? known, CancellationToken cancellation)
    {
        // Uploads never meet canaries: what they hold takes no memory here.
        if (list.Policy.Kind == ListKind.Canary || list.Find(list.ActiveVersion) is not { } active)
        {
            return LoadedList.Nothing;
        }

        if (known?.ManifestId == active.ManifestId && known.Indexed is { } indexed)
        {
            IndexedList now = indexed with
            {
                Version = active.Number,
                Policy = list.Policy,
                Id = list.Id,
                ActivatedAt = active.ActivatedAt,
                Quarantined = new QuarantinedKeys(list.Quarantined),
            };
            return now == indexed ? known : known with { Indexed = now };
        }

        byte[]? blob = await _store.ReadBlobAsync(list.Name, active.ManifestId, cancellation).ConfigureAwait(false);
        VersionManifest manifest = ListDocument.DecodeManifest(blob, active.ManifestId);
        ListSegment[] segments = await ReadAsync(
            list.Name, [.. manifest.Base, .. manifest.Deltas], cancellation).ConfigureAwait(false);
        VersionContent content = VersionContent.CreateAfter(
            known?.Indexed?.Content, segments[..manifest.Base.Count], segments[manifest.Base.Count..]);
        if (content.Counts != manifest.Entries || content.Counts != active.Entries)
        {
            throw new StoreCorruptException(
                $"Version {active.Number} of list {list.Name} does not hold as many entries as it says.");
        }

        return new LoadedList(
            active.ManifestId,
            [.. manifest.Base.Concat(manifest.Deltas).Select(segment => segment.Id)],
            new IndexedList(list.Name, active.Number, list.Policy, content)
            {
                Id = list.Id,
                ActivatedAt = active.ActivatedAt,
                Quarantined = new QuarantinedKeys(list.Quarantined),
            });
    }

    private async Task<ListSegment[]> ReadAsync(
        string name, SegmentRef[] wanted, CancellationToken cancellation)
    {
        ListSegment[] segments = new ListSegment[wanted.Length];
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = MaxReadsInFlight,
            CancellationToken = cancellation,
        };
        await Parallel.ForAsync(0, wanted.Length, options, async (i, token) =>
        {
            if (!_segments.TryGetValue(wanted[i].Id, out ListSegment? segment))
            {
                byte[]? blob = await _store.ReadBlobAsync(name, wanted[i].Id, token).ConfigureAwait(false);
                segment = ListSegment.Decode(blob, wanted[i]);
                _segments[wanted[i].Id] = segment;
            }

            segments[i] = segment;
        }).ConfigureAwait(false);
        return segments;
    }

    private sealed record StepState(DateTimeOffset? InStepAt, Exception? Fault);

    private sealed record LoadedList(string ManifestId, IReadOnlyList<string> Segments, IndexedList? Indexed)
    {
        public static LoadedList Nothing { get; } = new("", [], null);
    }
}
