using HashMatch.Matching.Snapshots;

namespace HashMatch.Matching.Lists;

/// <content>Lists into a snapshot file.</content>
public sealed partial class ListCatalog
{
    /// <summary>
    /// Writes the active versions of lists, with their descriptions and policies, as a snapshot that
    /// <see cref="SnapshotReader"/> reads. Refused before anything is written: ListNotFound, NoActiveVersion.
    /// </summary>
    /// <param name="names">The lists; each once.</param>
    /// <param name="target">Where to; after a failure it holds a file that no reader takes.</param>
    /// <param name="key">Signs it; null leaves it unsigned.</param>
    /// <param name="progress">Entries written so far; null for none.</param>
    /// <param name="cancellation">As a failure.</param>
    public async Task<CatalogResult<IReadOnlyList<SnapshotList>>> ExportAsync(
        IReadOnlyList<string> names,
        Stream target,
        SigningKey? key,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(names);
        List<(HashList List, ListVersion Active)> chosen = [];
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
            if (!read.IsOk)
            {
                return Refusal.Of<IReadOnlyList<SnapshotList>>(read.Error, read.Message, read.Field);
            }

            if (read.Value.Find(read.Value.ActiveVersion) is not { } active)
            {
                return Refusal.NoActiveVersion<IReadOnlyList<SnapshotList>>(name);
            }

            chosen.Add((read.Value, active));
        }

        using SnapshotWriter writer = new(target, Limits.SegmentBytes);
        await writer.BeginAsync(cancellation).ConfigureAwait(false);
        List<SnapshotList> written = [];
        long entries = 0;
        foreach ((HashList list, ListVersion active) in chosen)
        {
            SnapshotList head = HeadOf(list, active);
            await writer.BeginListAsync(head, cancellation).ConfigureAwait(false);
            entries = await ExportAsync(list, active, writer, entries, progress, cancellation).ConfigureAwait(false);
            written.Add(head);
        }

        await writer.SealAsync(key, cancellation).ConfigureAwait(false);
        return new CatalogResult<IReadOnlyList<SnapshotList>>(written, CatalogError.None, "", "");
    }

    private SnapshotList HeadOf(HashList list, ListVersion active) => new()
    {
        Name = list.Name,
        Description = list.Description,
        Policy = list.Policy,
        Version = active.Number,
        Source = active.Source,
        LeftOut = active.LeftOut,
        Entries = active.Entries,
        CreatedAt = active.CreatedAt,
        ExportedAt = _time.GetUtcNow(),
    };

    private async Task<long> ExportAsync(
        HashList list,
        ListVersion active,
        SnapshotWriter writer,
        long entries,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        VersionManifest manifest = await ReadManifestAsync(list, active, cancellation).ConfigureAwait(false);
        VersionRows rows = new(new BlobWriter(_store, list.Name), manifest);
        await rows.OpenAsync(cancellation).ConfigureAwait(false);
        while (!rows.IsAtEnd || rows.NeedsLoad)
        {
            if (rows.NeedsLoad)
            {
                await rows.LoadAsync(cancellation).ConfigureAwait(false);
                progress?.Report(entries);
                continue;
            }

            (ListSegment segment, int row) = rows.Current;
            if (!writer.TryAdd(segment, row))
            {
                await writer.CutAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            entries++;
            rows.MoveNext();
        }

        await writer.CutAsync(cancellation).ConfigureAwait(false);
        return entries;
    }
}
