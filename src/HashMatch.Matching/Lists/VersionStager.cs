namespace HashMatch.Matching.Lists;

/// <summary>
/// Turns lines in any order, any number of them, into the base segments of a version, within two bounded buffers.
/// Nothing that it writes is visible until a document names it. Sources that speak of records, such as NCMEC, are
/// folded by record first: a record deleted takes its own hashes along, and not those that another record has too.
/// Lines may also be changes to the content of another version.
/// </summary>
internal sealed class VersionStager(BlobWriter writer, StagingLimits limits, VersionManifest? onto = null)
{
    private readonly BlobWriter _writer = writer;
    private readonly StagingLimits _limits = limits;
    private readonly RowSort _entries = new(writer, limits);
    private readonly RowSort _records = new(writer, limits);
    private readonly RestatedRecords _restated = new();
    private readonly VersionManifest? _onto = onto;
    private readonly List<HashEntry> _open = [];
    private string? _record;

    /// <summary>Lines and records whose (type, value) or name was said again; the last one counts.</summary>
    public long Duplicates => _entries.Folded + _records.Folded;

    /// <summary>Entries and records that were withdrawn.</summary>
    public long Removed { get; private set; }

    /// <summary>Whether nothing was taken.</summary>
    public bool IsEmpty => _entries.IsEmpty && _records.IsEmpty && _record is null;

    /// <summary>Takes an entry that is of no record; when false, it is for <see cref="TakeAsync"/>.</summary>
    public bool TryTake(in ListLine line) =>
        line.Record is null && _record is null && line.Entry is not null && _entries.TryAdd(line.Entry);

    /// <summary>Takes an entry, a removal or a record's beginning.</summary>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public async ValueTask<string?> TakeAsync(ListLine line, CancellationToken cancellation)
    {
        if (line.Record is not null)
        {
            return await TakeOfRecordAsync(line, cancellation).ConfigureAwait(false);
        }

        await CloseRecordAsync(cancellation).ConfigureAwait(false);
        while (!(line.Entry is { } entry ? _entries.TryAdd(entry) : _entries.TryAddTombstone(line.Removed!.Value)))
        {
            await _entries.SpillAsync(cancellation).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Writes the segments; what was put aside is deleted.</summary>
    public async Task<SegmentSink> SealAsync(CancellationToken cancellation)
    {
        await CloseRecordAsync(cancellation).ConfigureAwait(false);
        if (!_records.IsEmpty)
        {
            RecordRow rows = new(_entries);
            await _records.DrainAsync(rows, cancellation).ConfigureAwait(false);
            await rows.FinishAsync(cancellation).ConfigureAwait(false);
            Removed += rows.Removed;
        }

        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        await (_onto is null ? SealAsync(sink, cancellation) : SealAsync(_onto, sink, cancellation))
            .ConfigureAwait(false);
        await sink.FinishAsync(cancellation).ConfigureAwait(false);
        return sink;
    }

    private async Task SealAsync(SegmentSink sink, CancellationToken cancellation)
    {
        LiveRows live = new(sink);
        await _entries.DrainAsync(live, cancellation).ConfigureAwait(false);
        Removed += live.Removed;
    }

    private async Task SealAsync(VersionManifest onto, SegmentSink sink, CancellationToken cancellation)
    {
        VersionRows stored = new(_writer, onto);
        await stored.OpenAsync(cancellation).ConfigureAwait(false);
        ChangedRows changed = new(stored, _restated, sink);
        await _entries.DrainAsync(changed, cancellation).ConfigureAwait(false);
        await changed.FinishAsync(cancellation).ConfigureAwait(false);
        Removed = changed.Removed;
    }

    private async ValueTask<string?> TakeOfRecordAsync(ListLine line, CancellationToken cancellation)
    {
        string record = line.Record!;
        if (EntryGuard.TextProblem("record", record, HashEntry.MaxExternalIdBytes) is { } problem)
        {
            return problem;
        }

        if (line.Entry is null || record != _record)
        {
            await CloseRecordAsync(cancellation).ConfigureAwait(false);
            _record = record;
        }

        if (line.Entry is null)
        {
            return _onto is null ? null : _restated.TryAdd(record);
        }

        string? misfit = RecordRow.MisfitOf(_open, line.Entry);
        if (misfit is null)
        {
            _open.Add(line.Entry);
        }

        return misfit;
    }

    private async ValueTask CloseRecordAsync(CancellationToken cancellation)
    {
        if (_record is null)
        {
            return;
        }

        HashEntry? row = _open.Count == 0 ? null : RecordRow.Pack(_record, _open);
        while (!(row is null ? _records.TryAddTombstone(RecordRow.KeyOf(_record)) : _records.TryAdd(row)))
        {
            await _records.SpillAsync(cancellation).ConfigureAwait(false);
        }

        _record = null;
        _open.Clear();
    }
}
