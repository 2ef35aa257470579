using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Makes the content of a new version out of an older one and a sorted buffer of changes: a delta on top, or, when
/// deltas have become many or large, new segments in their place.
/// </summary>
internal sealed class ContentEdit(BlobWriter writer, VersionManifest from, StagingLimits limits)
{
    /// <summary>Delta segments that a version may have.</summary>
    public const int MaxDeltas = 32;

    /// <summary>Delta rows that a version may have before they are merged into its base.</summary>
    public const int MaxDeltaRows = 64 * 1024;

    /// <summary>A delta is merged with those behind it unless it has more than so many times their rows.</summary>
    private const int MergedRatio = 2;

    private const long MaxDeltaBytes = 64L * 1024 * 1024;

    private readonly BlobWriter _writer = writer;
    private readonly VersionManifest _from = from;
    private readonly StagingLimits _limits = limits;
    private readonly byte[] _row = new byte[PackedRow.MaxBytes];

    /// <summary>Tells for each row of a sorted buffer whether its key is in the version.</summary>
    public async Task<bool[]> FindAsync(RowBuffer rows, CancellationToken cancellation)
    {
        bool[] present = new bool[rows.Count];
        List<ListSegment> deltas = await ReadAsync(_from.Deltas, keepNotes: false, cancellation)
            .ConfigureAwait(false);
        ListSegment? segment = null;
        int loaded = -1;
        int place = -1;
        for (int i = 0; i < rows.Count; i++)
        {
            EntryKey key = rows[i].Key;
            if (FindInDeltas(deltas, key) is { } found)
            {
                present[i] = found;
                continue;
            }

            while (place + 1 < _from.Base.Count && FirstOf(_from.Base[place + 1]) <= key)
            {
                place++;
            }

            if (place >= 0 && place != loaded)
            {
                segment = await ReadAsync(_from.Base[place], false, cancellation).ConfigureAwait(false);
                loaded = place;
            }

            present[i] = place >= 0 && segment!.Find(key) >= 0;
        }

        return present;
    }

    /// <summary>Writes the new content.</summary>
    /// <param name="rows">Sorted.</param>
    /// <param name="wanted">Which of them to write.</param>
    /// <param name="entries">Entries of the result.</param>
    /// <param name="cancellation">May leave blobs written.</param>
    public async Task<VersionManifest> ApplyAsync(
        RowBuffer rows, bool[] wanted, EntryCounts entries, CancellationToken cancellation)
    {
        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        for (int i = 0; i < rows.Count; i++)
        {
            if (wanted[i] && !sink.TryAdd(rows[i]))
            {
                await sink.CutAsync(cancellation).ConfigureAwait(false);
                sink.TryAdd(rows[i]);
            }
        }

        IReadOnlyList<SegmentRef> deltas =
            [.. _from.Deltas, .. await sink.FinishAsync(cancellation).ConfigureAwait(false)];
        VersionManifest manifest = new() { Base = _from.Base, Deltas = deltas, Entries = entries };
        return deltas.Sum(d => (long)d.Rows) > MaxDeltaRows || deltas.Sum(d => (long)d.Bytes) > MaxDeltaBytes
            ? await RollAsync(manifest, cancellation).ConfigureAwait(false)
            : deltas.Count > MaxDeltas
                ? await MergeDeltasAsync(manifest, cancellation).ConfigureAwait(false)
                : manifest;
    }

    private static EntryKey FirstOf(SegmentRef segment) =>
        EntryKey.TryParse(segment.First, out EntryKey key)
            ? key
            : throw new StoreCorruptException($"Segment {segment.Id} has no first key.");

    private static bool? FindInDeltas(List<ListSegment> deltas, EntryKey key)
    {
        for (int i = deltas.Count - 1; i >= 0; i--)
        {
            if (deltas[i].Find(key) is int row and >= 0)
            {
                return !deltas[i].IsTombstone(row);
            }
        }

        return null;
    }

    // All deltas behind the last one that is much larger than those behind it become one: a row is written again a few
    // times in its life and not with every merge, and a replica reads again what is new and not all.
    private async Task<VersionManifest> MergeDeltasAsync(VersionManifest manifest, CancellationToken cancellation)
    {
        int first = manifest.Deltas.Count - 1;
        long behind = 0;
        for (int i = first; i >= 0; i--)
        {
            first = manifest.Deltas[i].Rows <= MergedRatio * behind ? i : first;
            behind += manifest.Deltas[i].Rows;
        }

        List<ListSegment> deltas = await ReadAsync([.. manifest.Deltas.Skip(first)], keepNotes: true, cancellation)
            .ConfigureAwait(false);
        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        foreach ((ListSegment segment, int row) in SegmentMerge.Rows(deltas))
        {
            await AddAsync(sink, segment, row, cancellation).ConfigureAwait(false);
        }

        await sink.FinishAsync(cancellation).ConfigureAwait(false);
        VersionManifest merged = manifest with { Deltas = [.. manifest.Deltas.Take(first), .. sink.Segments] };
        return await ReplaceAsync(manifest, merged, cancellation).ConfigureAwait(false);
    }

    // Writes those base segments again that a delta changes, and keeps the others.
    private async Task<VersionManifest> RollAsync(VersionManifest manifest, CancellationToken cancellation)
    {
        List<ListSegment> deltas = await ReadAsync(manifest.Deltas, keepNotes: true, cancellation)
            .ConfigureAwait(false);
        List<(ListSegment Segment, int Row)> changes = [.. SegmentMerge.Rows(deltas)];
        SegmentSink sink = new(_writer, _limits.SegmentBytes);
        int next = 0;
        for (int i = 0; i < manifest.Base.Count; i++)
        {
            int end = i + 1 == manifest.Base.Count
                ? changes.Count
                : EndBefore(changes, next, FirstOf(manifest.Base[i + 1]));
            if (end == next)
            {
                await sink.KeepAsync(manifest.Base[i], cancellation).ConfigureAwait(false);
                continue;
            }

            ListSegment old = await ReadAsync(manifest.Base[i], true, cancellation).ConfigureAwait(false);
            await RollAsync(sink, old, changes[next..end], cancellation).ConfigureAwait(false);
            next = end;
        }

        await RollAsync(sink, null, changes[next..], cancellation).ConfigureAwait(false);
        await sink.FinishAsync(cancellation).ConfigureAwait(false);
        return await ReplaceAsync(manifest, manifest with { Base = sink.Segments, Deltas = [] }, cancellation)
            .ConfigureAwait(false);
    }

    private async Task RollAsync(
        SegmentSink sink,
        ListSegment? old,
        List<(ListSegment Segment, int Row)> changes,
        CancellationToken cancellation)
    {
        int row = 0;
        foreach ((ListSegment segment, int change) in changes)
        {
            EntryKey key = segment.KeyAt(change);
            for (; old is not null && row < old.Rows && old.KeyAt(row) < key; row++)
            {
                await AddAsync(sink, old, row, cancellation).ConfigureAwait(false);
            }

            row += old is not null && row < old.Rows && old.KeyAt(row) == key ? 1 : 0;
            if (!segment.IsTombstone(change))
            {
                await AddAsync(sink, segment, change, cancellation).ConfigureAwait(false);
            }
        }

        for (; old is not null && row < old.Rows; row++)
        {
            await AddAsync(sink, old, row, cancellation).ConfigureAwait(false);
        }
    }

    private static int EndBefore(List<(ListSegment Segment, int Row)> changes, int start, EntryKey limit)
    {
        int end = start;
        while (end < changes.Count && changes[end].Segment.KeyAt(changes[end].Row) < limit)
        {
            end++;
        }

        return end;
    }

    private async ValueTask AddAsync(SegmentSink sink, ListSegment segment, int row, CancellationToken cancellation)
    {
        int length = PackedRow.Write(segment, row, _row);
        if (!sink.TryAdd(new PackedRow(_row.AsSpan(0, length))))
        {
            await sink.CutAsync(cancellation).ConfigureAwait(false);
            sink.TryAdd(new PackedRow(_row.AsSpan(0, length)));
        }
    }

    // Segments that this edit wrote and that its result does not name are of no use to anybody.
    private async Task<VersionManifest> ReplaceAsync(
        VersionManifest written, VersionManifest result, CancellationToken cancellation)
    {
        HashSet<string> old = [.. _from.Base.Concat(_from.Deltas).Select(segment => segment.Id)];
        List<string> unused = [.. written.Deltas.Select(segment => segment.Id).Where(id => !old.Contains(id))];
        await _writer.DeleteAsync(unused, cancellation).ConfigureAwait(false);
        return result;
    }

    private async Task<List<ListSegment>> ReadAsync(
        IReadOnlyList<SegmentRef> segments, bool keepNotes, CancellationToken cancellation)
    {
        List<ListSegment> read = [];
        foreach (SegmentRef segment in segments)
        {
            read.Add(await ReadAsync(segment, keepNotes, cancellation).ConfigureAwait(false));
        }

        return read;
    }

    private async Task<ListSegment> ReadAsync(SegmentRef segment, bool keepNotes, CancellationToken cancellation) =>
        ListSegment.Decode(
            await _writer.Store.ReadBlobAsync(_writer.List, segment.Id, cancellation).ConfigureAwait(false),
            segment,
            keepNotes);
}
