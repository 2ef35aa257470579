using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Turns lines in any order, any number of them, into the content of a version, within two bounded buffers.
/// Nothing that it writes is visible until a document names it. Sources that speak of records, such as NCMEC, are
/// folded by record first: a record deleted takes its own hashes along, and not those that another record has too.
/// Lines may also be changes to the content of another version. Content that is nearly that of a stored version shares
/// its segments, so that replicas read what is new and no more.
/// </summary>
internal sealed class VersionStager(BlobWriter writer, StagingLimits limits, VersionManifest? onto = null)
{
    // Content is written as changes to another's when those are less than one part in so many.
    private const int SharingRatio = 4;

    private readonly BlobWriter _writer = writer;
    private readonly StagingLimits _limits = limits;
    private readonly RowSort _entries = new(writer, limits);
    private readonly RowSort _records = new(writer, limits);
    private readonly RestatedRecords _restated = new();
    private readonly VersionManifest? _onto = onto;
    private readonly List<HashEntry> _open = [];
    private string? _record;
    private long _removedRecords;

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

    /// <summary>Ends the taking.</summary>
    public async Task SealAsync(CancellationToken cancellation)
    {
        await CloseRecordAsync(cancellation).ConfigureAwait(false);
        if (!_records.IsEmpty)
        {
            RecordRow rows = new(_entries);
            await _records.DrainAsync(rows, cancellation).ConfigureAwait(false);
            await rows.FinishAsync(cancellation).ConfigureAwait(false);
            _removedRecords = rows.Removed;
        }

        await _entries.SealAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The content as an edit of a stored version, whose segments it shares. Null when they differ by more than an edit
    /// holds; then what was written is for <paramref name="edits"/> to abandon.
    /// </summary>
    /// <param name="from">The stored version: the one that lines of changes change, else any of the list.</param>
    /// <param name="edits">Writes what is new.</param>
    /// <param name="cancellation">May leave blobs written.</param>
    /// <exception cref="StoreCorruptException">The stored version is gone, or not whole.</exception>
    public async Task<VersionManifest?> EditAsync(
        VersionManifest from, BlobWriter edits, CancellationToken cancellation)
    {
        ContentEdit content = new(edits, from, _limits);
        if (_onto is not null && _restated.IsEmpty && _entries.InMemory is { } rows
            && rows.Count <= ContentEdit.MaxDeltaRows)
        {
            bool[] present = await content.FindAsync(rows, cancellation).ConfigureAwait(false);
            return await EditAsync(content, rows, EditPlan.Of(rows, present, from.Entries), null, cancellation)
                .ConfigureAwait(false);
        }

        long most = _onto is null ? from.Entries.Total / SharingRatio : ContentEdit.MaxDeltaRows;
        VersionRows stored = new(edits, from);
        await stored.OpenAsync(cancellation).ConfigureAwait(false);
        VersionDifference difference = new(
            stored, _onto is null ? null : _restated, Math.Min(most, ContentEdit.MaxDeltaRows), _limits.BufferBytes);
        await _entries.ReadAsync(difference, cancellation).ConfigureAwait(false);
        await difference.FinishAsync(cancellation).ConfigureAwait(false);
        return difference.WantsMore
            ? await EditAsync(
                content,
                difference.Changes,
                EditPlan.Of(difference.Changes, difference.Present, from.Entries),
                _onto is null ? difference.Withdrawn : null,
                cancellation).ConfigureAwait(false)
            : null;
    }

    /// <summary>Writes the content as segments of its own.</summary>
    public async Task<VersionManifest> WriteAsync(CancellationToken cancellation)
    {
        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        await (_onto is null ? WriteAsync(sink, cancellation) : WriteAsync(_onto, sink, cancellation))
            .ConfigureAwait(false);
        await sink.FinishAsync(cancellation).ConfigureAwait(false);
        return new VersionManifest { Base = sink.Segments, Deltas = [], Entries = sink.Counts };
    }

    /// <summary>Deletes what was put aside.</summary>
    public Task ClearAsync(CancellationToken cancellation) => _entries.ClearAsync(cancellation);

    private async Task<VersionManifest> EditAsync(
        ContentEdit content, RowBuffer rows, EditPlan plan, long? withdrawn, CancellationToken cancellation)
    {
        Removed = withdrawn is { } keys ? keys + _removedRecords : plan.Removed;
        return await content.ApplyAsync(rows, plan.Wanted, plan.Entries, cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(SegmentSink sink, CancellationToken cancellation)
    {
        LiveRows live = new(sink);
        await _entries.ReadAsync(live, cancellation).ConfigureAwait(false);
        Removed = live.Removed + _removedRecords;
    }

    private async Task WriteAsync(VersionManifest onto, SegmentSink sink, CancellationToken cancellation)
    {
        VersionRows stored = new(_writer, onto);
        await stored.OpenAsync(cancellation).ConfigureAwait(false);
        ChangedRows changed = new(stored, _restated, sink);
        await _entries.ReadAsync(changed, cancellation).ConfigureAwait(false);
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
