namespace HashMatch.Matching.Lists;

/// <summary>
/// Turns entries in any order, any number of them, into the base segments of a version: rows are sorted in a bounded
/// buffer, full buffers are put aside in the store as sorted runs, and the runs are merged at the end. Nothing that it
/// writes is visible until a document names it.
/// </summary>
internal sealed class VersionStager(BlobWriter writer, StagingLimits limits)
{
    private readonly BlobWriter _writer = writer;
    private readonly StagingLimits _limits = limits;
    private readonly RowBuffer _buffer = new(limits.BufferBytes);
    private readonly List<IReadOnlyList<SpillRef>> _runs = [];

    /// <summary>Entries with a (type, value) that was said again; the last one counts.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Whether any entry was taken.</summary>
    public bool IsEmpty => _buffer.Count == 0 && _runs.Count == 0;

    /// <summary>Takes an entry; when the buffer is full it is not taken: <see cref="SpillAsync"/>, and again.</summary>
    public bool TryAdd(HashEntry entry) => _buffer.TryAdd(entry);

    /// <summary>Puts the buffer's rows aside.</summary>
    public async Task SpillAsync(CancellationToken cancellation)
    {
        Duplicates += _buffer.Sort();
        SpillWriter spill = new(_writer, _limits.SpillBytes);
        for (int i = 0; i < _buffer.Count; i++)
        {
            if (!spill.TryAdd(_buffer[i]))
            {
                await spill.CutAsync(cancellation).ConfigureAwait(false);
                spill.TryAdd(_buffer[i]);
            }
        }

        _runs.Add(await spill.FinishAsync(cancellation).ConfigureAwait(false));
        _buffer.Clear();
    }

    /// <summary>Writes the segments; what was put aside is deleted.</summary>
    public async Task<SegmentSink> SealAsync(CancellationToken cancellation)
    {
        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        if (_runs.Count == 0)
        {
            await SealBufferAsync(sink, cancellation).ConfigureAwait(false);
            return sink;
        }

        if (_buffer.Count > 0)
        {
            await SpillAsync(cancellation).ConfigureAwait(false);
        }

        while (_runs.Count > _limits.MergeWidth)
        {
            await MergeNeighboursAsync(cancellation).ConfigureAwait(false);
        }

        RunMerge merge = Open(_runs);
        await merge.StartAsync(cancellation).ConfigureAwait(false);
        while (await merge.MoveNextAsync(cancellation).ConfigureAwait(false))
        {
            if (!sink.TryAdd(merge.Current))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
                sink.TryAdd(merge.Current);
            }
        }

        Duplicates += merge.Folded;
        await sink.FinishAsync(cancellation).ConfigureAwait(false);
        await DeleteAsync(_runs, cancellation).ConfigureAwait(false);
        _runs.Clear();
        return sink;
    }

    private async Task SealBufferAsync(SegmentSink sink, CancellationToken cancellation)
    {
        Duplicates += _buffer.Sort();
        for (int i = 0; i < _buffer.Count; i++)
        {
            if (!sink.TryAdd(_buffer[i]))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
                sink.TryAdd(_buffer[i]);
            }
        }

        await sink.FinishAsync(cancellation).ConfigureAwait(false);
    }

    // Neighbours are merged, so that the order of runs stays that of arrival.
    private async Task MergeNeighboursAsync(CancellationToken cancellation)
    {
        List<IReadOnlyList<SpillRef>> merged = [];
        foreach (IReadOnlyList<SpillRef>[] runs in _runs.Chunk(_limits.MergeWidth))
        {
            RunMerge merge = Open(runs);
            SpillWriter spill = new(_writer, _limits.SpillBytes);
            await merge.StartAsync(cancellation).ConfigureAwait(false);
            while (await merge.MoveNextAsync(cancellation).ConfigureAwait(false))
            {
                if (!spill.TryAdd(merge.Current))
                {
                    await spill.CutAsync(cancellation).ConfigureAwait(false);
                    spill.TryAdd(merge.Current);
                }
            }

            Duplicates += merge.Folded;
            merged.Add(await spill.FinishAsync(cancellation).ConfigureAwait(false));
            await DeleteAsync(runs, cancellation).ConfigureAwait(false);
        }

        _runs.Clear();
        _runs.AddRange(merged);
    }

    private RunMerge Open(IReadOnlyList<IReadOnlyList<SpillRef>> runs) =>
        new([.. runs.Select(run => new SpillReader(_writer.Store, _writer.List, run))]);

    private Task DeleteAsync(IEnumerable<IReadOnlyList<SpillRef>> runs, CancellationToken cancellation) =>
        _writer.DeleteAsync([.. runs.SelectMany(run => run).Select(spill => spill.Id)], cancellation);
}
