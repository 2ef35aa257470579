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

    /// <summary>Rows whose key was said again later.</summary>
    public long Folded { get; private set; }

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
        Folded += Buffer.Sort();
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
        if (_runs.Count == 0)
        {
            await DrainBufferAsync(sink, cancellation).ConfigureAwait(false);
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

        await MergeAsync(_runs, sink, cancellation).ConfigureAwait(false);
        await DeleteAsync(_runs, cancellation).ConfigureAwait(false);
        _runs.Clear();
    }

    private async Task DrainBufferAsync(IRowSink sink, CancellationToken cancellation)
    {
        Folded += Buffer.Sort();
        for (int i = 0; i < Buffer.Count; i++)
        {
            while (!sink.TryAdd(Buffer[i]))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
            }
        }

        _buffer = null;
    }

    private async Task MergeAsync(
        IReadOnlyList<IReadOnlyList<SpillRef>> runs, IRowSink sink, CancellationToken cancellation)
    {
        RunMerge merge = new([.. runs.Select(run => new SpillReader(_writer.Store, _writer.List, run))]);
        await merge.StartAsync(cancellation).ConfigureAwait(false);
        while (await merge.MoveNextAsync(cancellation).ConfigureAwait(false))
        {
            while (!sink.TryAdd(merge.Current))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
            }
        }

        Folded += merge.Folded;
    }

    // Neighbours are merged, so that the order of runs stays that of arrival.
    private async Task MergeNeighboursAsync(CancellationToken cancellation)
    {
        List<IReadOnlyList<SpillRef>> merged = [];
        foreach (IReadOnlyList<SpillRef>[] runs in _runs.Chunk(_limits.MergeWidth))
        {
            SpillWriter spill = new(_writer, _limits.SpillBytes);
            await MergeAsync(runs, spill, cancellation).ConfigureAwait(false);
            merged.Add(await spill.FinishAsync(cancellation).ConfigureAwait(false));
            await DeleteAsync(runs, cancellation).ConfigureAwait(false);
        }

        _runs.Clear();
        _runs.AddRange(merged);
    }

    private Task DeleteAsync(IEnumerable<IReadOnlyList<SpillRef>> runs, CancellationToken cancellation) =>
        _writer.DeleteAsync([.. runs.SelectMany(run => run).Select(spill => spill.Id)], cancellation);
}
