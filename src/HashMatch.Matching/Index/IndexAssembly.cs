namespace HashMatch.Matching.Index;

/// <summary>
/// Keeps the parts of the index from one snapshot to the next, and publishes: a change of the lists costs what is new,
/// and parts are merged in the background. One writer at a time; readers never wait for it.
/// </summary>
public sealed class IndexAssembly : IDisposable
{
    private readonly Lock _writer = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CurrentIndex _current;
    private readonly PartShelf _shelf;
    private readonly bool _mergesItself;
    private IndexedList[] _lists = [];
    private Task _merging = Task.CompletedTask;
    private bool _isMerging;
    private bool _isDisposed;
    private volatile Exception? _mergeFault;

    /// <param name="current">Where snapshots are published; it owns them.</param>
    public IndexAssembly(CurrentIndex current)
        : this(current, new IndexSizes(), mergesItself: true)
    {
    }

    internal IndexAssembly(CurrentIndex current, IndexSizes sizes, bool mergesItself)
    {
        ArgumentNullException.ThrowIfNull(current);
        _current = current;
        _shelf = new PartShelf(sizes);
        _mergesItself = mergesItself;
    }

    /// <summary>
    /// Bytes of native memory of all parts that are not freed: those of the newest snapshot, of older ones that
    /// somebody holds, and of what is being made.
    /// </summary>
    public long NativeBytes => _shelf.Bytes.Held;

    /// <summary>Why the last merge was given up; null when it was not. Look-ups are right all the same, and slower.
    /// </summary>
    public Exception? MergeFault => _mergeFault;

    /// <summary>Makes a snapshot of lists and publishes it; disabled lists are left out.</summary>
    /// <param name="lists">Lists that have an active version.</param>
    /// <param name="cancellation">Nothing is published then.</param>
    /// <exception cref="IndexTooLargeException">It would not fit; nothing was published. The message names the
    /// bytes.</exception>
    public void Publish(IReadOnlyList<IndexedList> lists, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(lists);
        lock (_writer)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            IndexedList[] enabled = PartShelf.Enabled(lists);
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ended.Token);
            _shelf.Take(enabled, either.Token);
            if (_shelf.HasTooManyDeltas && _shelf.ChooseDeltas() is { } roll)
            {
                Roll(roll, either.Token);
            }

            _current.Publish(_shelf.Snapshot((_current.Value?.Generation ?? 0) + 1, enabled));
            _lists = enabled;
            if (_mergesItself && !_isMerging && _shelf.IsWorthMerging)
            {
                _isMerging = true;
                _merging = Task.Factory.StartNew(
                    MergeAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Stops merging and lets go of the parts; the newest snapshot stays where it was published.</summary>
    public void Dispose()
    {
        Task merging;
        lock (_writer)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            merging = _merging;
        }

        _ended.Cancel();
        merging.Wait();
        _shelf.Dispose();
        _ended.Dispose();
    }

    /// <summary>
    /// Merges once, if it is worth it, and publishes the same lists, as they are by then, on the merged part. It needs
    /// the memory of building that part beside what is held.
    /// </summary>
    /// <param name="sealing">Whether the delta ends too, full or not.</param>
    /// <returns>Whether something was merged.</returns>
    internal bool Merge(bool sealing = false)
    {
        PartMerge? merge;
        lock (_writer)
        {
            if (_isDisposed)
            {
                return false;
            }

            if (sealing)
            {
                _shelf.Seal();
            }

            merge = _shelf.Choose();
        }

        if (merge is null)
        {
            return false;
        }

        IndexPart? merged = null;
        try
        {
            merged = _shelf.Build(merge.Segments, _ended.Token);
        }
        finally
        {
            Finish(merge, merged);
        }

        return true;
    }

    private void Finish(PartMerge merge, IndexPart? merged)
    {
        lock (_writer)
        {
            if (merged is null)
            {
                PartShelf.Abandon(merge);
            }
            else if (_isDisposed)
            {
                merged.Release();
            }
            else
            {
                _shelf.Replace(merge, merged);
                _current.Publish(_shelf.Snapshot(_current.Value?.Generation ?? 0, _lists));
            }
        }
    }

    // In the writer's own time, when merges do not keep up with it.
    private void Roll(PartMerge roll, CancellationToken cancellation)
    {
        try
        {
            _shelf.Replace(roll, _shelf.Build(roll.Segments, cancellation));
        }
        catch (Exception e) when (e is IndexTooLargeException or OutOfMemoryException)
        {
            // What there is can be published all the same.
            _mergeFault = e;
        }
        finally
        {
            PartShelf.Abandon(roll);
        }
    }

    private void MergeAll()
    {
        try
        {
            while (Merge() || !Rest())
            {
            }

            _mergeFault = null;
        }
        catch (Exception e) when (
            e is IndexTooLargeException or OutOfMemoryException or OperationCanceledException)
        {
            // What is published answers all the same; the next change tries again.
            _mergeFault = e is OperationCanceledException ? null : e;
            lock (_writer)
            {
                _isMerging = false;
            }
        }
    }

    // Whether there is nothing left to merge: from then on a change starts anew.
    private bool Rest()
    {
        lock (_writer)
        {
            _isMerging = !_isDisposed && _shelf.IsWorthMerging;
            return !_isMerging;
        }
    }
}
