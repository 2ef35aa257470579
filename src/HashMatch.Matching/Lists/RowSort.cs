namespace HashMatch.Matching.Lists;

/// <summary>
/// Sorts any number of rows by key within a bounded buffer: full buffers are put aside in the store as sorted runs,
/// which are merged at the end. Of rows with one key the last one taken stays.
/// </summary>
internal sealed class RowSort(BlobWriter writer, StagingLimits limits)
{
    private readonly BlobWriter _writer = writer;
    private readonly StagingLimits _limits = limits;
    private readonly List<IReadOnlyList<SpillRef>> _runs = [];
    private RowBuffer? _buffer;
    private long _folded;
    private long _foldedAtRead;

    /// <summary>Rows whose key was said again later.</summary>
    public long Folded => _folded + _foldedAtRead;

    /// <summary>Whether no row was taken.</summary>
    public bool IsEmpty => (_buffer?.Count ?? 0) == 0 && _runs.Count == 0;

    private RowBuffer Buffer => _buffer ??= new RowBuffer(_limits.BufferBytes);

    /// <summary>Takes an entry; when the buffer is full it is not taken: <see cref="SpillAsync"/>, and again.</summary>
    public bool TryAdd(HashEntry entry) => Buffer.TryAdd(entry);

    /// <summary>Takes a row that removes a key, likewise.</summary>
    public bool TryAddTombstone(EntryKey key) => Buffer.TryAddTombstone(key);

    /// <summary>Puts the buffer's rows aside.</summary>
    public async Task SpillAsync(CancellationToken cancellation)
    {
        _folded += Buffer.Sort();
        SpillWriter spill = new(_writer, _limits.SpillBytes);
        for (int i = 0; i < Buffer.Count; i++)
        {
            if (!spill.TryAdd(Buffer[i]))
            {
                await spill.CutAsync(cancellation).ConfigureAwait(false);
                spill.TryAdd(Buffer[i]);
            }
        }

        _runs.Add(await spill.FinishAsync(cancellation).ConfigureAwait(false));
        Buffer.Clear();
    }

    /// <summary>Gives all rows away, sorted, tombstones included; what was put aside is deleted.</summary>
    public async Task DrainAsync(IRowSink sink, CancellationToken cancellation)
    {
        await SealAsync(cancellation).ConfigureAwait(false);
        await ReadAsync(sink, cancellation).ConfigureAwait(false);
        await ClearAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the taking: from here on rows are read, as often as wanted.</summary>
    public async Task SealAsync(CancellationToken cancellation)
    {
        if (_runs.Count == 0)
        {
            _folded += Buffer.Sort();
            return;
        }

        if (Buffer.Count > 0)
        {
            await SpillAsync(cancellation).ConfigureAwait(false);
        }

        _buffer = null;
        while (_runs.Count > _limits.MergeWidth)
        {
            await MergeNeighboursAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The sealed rows when all of them are in memory; else null.</summary>
    public RowBuffer? InMemory => _runs.Count == 0 ? Buffer : null;

    /// <summary>Reads all sealed rows in order, tombstones included, for as long as the sink wants more.</summary>
    public async Task ReadAsync(IRowSink sink, CancellationToken cancellation)
    {
        if (InMemory is not { } rows)
        {
            _foldedAtRead = await MergeAsync(_runs, sink, cancellation).ConfigureAwait(false);
            return;
        }

        for (int i = 0; i < rows.Count && sink.WantsMore; i++)
        {
            while (!sink.TryAdd(rows[i]))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Forgets all rows, and deletes what was put aside.</summary>
    public async Task ClearAsync(CancellationToken cancellation)
    {
        _buffer = null;
        await DeleteAsync(_runs, cancellation).ConfigureAwait(false);
        _runs.Clear();
    }

    // Returns how many rows a later run overrode.
    private async Task<long> MergeAsync(
        IReadOnlyList<IReadOnlyList<SpillRef>> runs, IRowSink sink, CancellationToken cancellation)
    {
        RunMerge merge = new([.. runs.Select(run => new SpillReader(_writer.Store, _writer.List, run))]);
        await merge.StartAsync(cancellation).ConfigureAwait(false);
        while (sink.WantsMore && await merge.MoveNextAsync(cancellation).ConfigureAwait(false))
        {
            while (!sink.TryAdd(merge.Current))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
            }
        }

        return merge.Folded;
    }

    // Neighbours are merged, so that the order of runs stays that of arrival.
    private async Task MergeNeighboursAsync(CancellationToken cancellation)
    {
        List<IReadOnlyList<SpillRef>> merged = [];
        foreach (IReadOnlyList<SpillRef>[] runs in _runs.Chunk(_limits.MergeWidth))
        {
            SpillWriter spill = new(_writer, _limits.SpillBytes);
            _folded += await MergeAsync(runs, spill, cancellation).ConfigureAwait(false);
            merged.Add(await spill.FinishAsync(cancellation).ConfigureAwait(false));
            await DeleteAsync(runs, cancellation).ConfigureAwait(false);
        }

        _runs.Clear();
        _runs.AddRange(merged);
    }

    private Task DeleteAsync(IReadOnlyCollection<IReadOnlyList<SpillRef>> runs, CancellationToken cancellation) =>
        runs.Count == 0
            ? Task.CompletedTask
            : _writer.DeleteAsync([.. runs.SelectMany(run => run).Select(spill => spill.Id)], cancellation);
}
