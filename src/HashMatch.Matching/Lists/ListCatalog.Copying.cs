using System.Runtime.CompilerServices;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>A list from one store into another.</content>
public sealed partial class ListCatalog
{
    /// <summary>
    /// Copies a list's description, policy and active version into another catalog, where it is activated, or waits for
    /// approval if two persons are needed there. Refused: ListNotFound, NoActiveVersion, ListExists (in the target,
    /// unless <paramref name="replace"/>), Invalid (an entry that is refused today), NotAPerson (where two are needed).
    /// </summary>
    /// <param name="name">The list, here and there.</param>
    /// <param name="target">The other catalog.</param>
    /// <param name="replace">Whether a list that is there gets version and policy; it keeps older versions.</param>
    /// <param name="progress">Entries copied so far; null for none.</param>
    /// <param name="cancellation">Leaves no version behind.</param>
    public async Task<CatalogResult<HashList>> CopyAsync(
        string name, ListCatalog target, bool replace, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return read;
        }

        HashList list = read.Value;
        if (list.Find(list.ActiveVersion) is not { } active)
        {
            return Refusal.NoActiveVersion<HashList>(name);
        }

        VersionManifest manifest = await ReadManifestAsync(list, active, cancellation).ConfigureAwait(false);
        CatalogResult<HashList> created = await target.CreateAsync(name, list.Description, list.Policy, cancellation)
            .ConfigureAwait(false);
        if (!created.IsOk && !(replace && created.Error == CatalogError.ListExists))
        {
            return created;
        }

        CatalogResult<HashList> copied;
        try
        {
            copied = await CopyAsync(list, active, manifest, target, progress, cancellation).ConfigureAwait(false);
        }
        catch when (created.IsOk)
        {
            await target.TryDeleteAsync(name).ConfigureAwait(false);
            throw;
        }

        if (!copied.IsOk && created.IsOk)
        {
            await target.TryDeleteAsync(name).ConfigureAwait(false);
        }

        return copied;
    }

    private async Task<CatalogResult<HashList>> CopyAsync(
        HashList list,
        ListVersion active,
        VersionManifest manifest,
        ListCatalog target,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        CatalogResult<StageResult> staged = await target.StageAsync(
            list.Name,
            ReadEntriesAsync(list.Name, manifest, cancellation),
            new StageOptions { Source = active.Source },
            progress,
            cancellation).ConfigureAwait(false);
        if (staged.Value is not { Version: { } version })
        {
            HashListError? first = staged.Value?.Errors[0];
            return first is null
                ? Refusal.Of<HashList>(staged.Error, staged.Message, staged.Field)
                : Refusal.Of<HashList>(CatalogError.Invalid, $"an entry is refused: {first.Reason}");
        }

        CatalogResult<HashList> updated = await target.UpdateAsync(list.Name, ListUpdate.Of(list), cancellation)
            .ConfigureAwait(false);
        if (updated.IsOk && list.Quarantined is { } quarantined)
        {
            updated = await target.QuarantineAsync(list.Name, updated.Value.Id, quarantined, cancellation)
                .ConfigureAwait(false);
        }

        if (!updated.IsOk)
        {
            return updated;
        }

        CatalogResult<HashList> activated = await target.ActivateAsync(
            list.Name, version.Number, null, cancellation).ConfigureAwait(false);
        return activated.Error == CatalogError.NeedsApproval ? updated : activated;
    }

    /// <summary>The entries of a version with their notes, segment by segment.</summary>
    private async IAsyncEnumerable<ListLine> ReadEntriesAsync(
        string name, VersionManifest manifest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<ListSegment> deltas = [];
        foreach (SegmentRef delta in manifest.Deltas)
        {
            deltas.Add(await ReadSegmentAsync(name, delta, true, cancellation).ConfigureAwait(false));
        }

        long line = 0;
        foreach (SegmentRef reference in manifest.Base)
        {
            ListSegment segment = await ReadSegmentAsync(name, reference, true, cancellation).ConfigureAwait(false);
            for (int row = 0; row < segment.Rows; row++)
            {
                EntryKey key = segment.KeyAt(row);
                if (!deltas.Exists(delta => delta.Find(key) >= 0))
                {
                    yield return new ListLine(++line, segment.EntryAt(row), null);
                }
            }
        }

        foreach ((ListSegment segment, int row) in SegmentMerge.Rows(deltas))
        {
            if (!segment.IsTombstone(row))
            {
                yield return new ListLine(++line, segment.EntryAt(row), null);
            }
        }
    }

    private async Task TryDeleteAsync(string name)
    {
        try
        {
            await DeleteAsync(name, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The list stays behind without a version; the failure that led here says more.
        }
    }
}
