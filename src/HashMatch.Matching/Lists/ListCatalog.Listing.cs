using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Staged content to a version that the list names.</content>
public sealed partial class ListCatalog
{
    // Null when there is little to share, or what is shared went away meanwhile: then the version needs all of its own.
    private async Task<CatalogResult<HashList>?> ListSharedAsync(
        Draft draft, VersionStager stager, long onto, CancellationToken cancellation)
    {
        CatalogResult<HashList> now = await ReadAsync(draft.List.Name, cancellation).ConfigureAwait(false);
        if (!now.IsOk || now.Value.Find(onto == 0 ? now.Value.ActiveVersion : onto) is not { } from)
        {
            return null;
        }

        BlobWriter edits = new(_store, draft.List.Name);
        CatalogResult<HashList>? listed = null;
        try
        {
            VersionManifest stored = await ReadManifestAsync(now.Value, from, cancellation).ConfigureAwait(false);
            VersionManifest? manifest = await stager.EditAsync(stored, edits, cancellation).ConfigureAwait(false);
            if (manifest is { Entries.Total: > 0 })
            {
                listed = await ListAsync(draft.Counting(stager), edits, manifest, from, cancellation)
                    .ConfigureAwait(false);
            }
        }
        catch (StoreCorruptException)
        {
            // Gone, or broken: the version is made without it.
        }
        finally
        {
            if (listed is not { IsOk: true })
            {
                await edits.AbandonAsync().ConfigureAwait(false);
            }
        }

        return listed is { IsOk: false, Error: CatalogError.LostRace } ? null : listed;
    }

    private async Task<CatalogResult<HashList>> ListWholeAsync(
        Draft draft,
        VersionStager stager,
        BlobWriter writer,
        bool allowEmpty,
        CancellationToken cancellation)
    {
        VersionManifest manifest = await stager.WriteAsync(cancellation).ConfigureAwait(false);
        return manifest.Entries.Total == 0 && !allowEmpty
            ? Refusal.Of<HashList>(CatalogError.Invalid, "every entry is withdrawn: none is left")
            : await ListAsync(draft.Counting(stager), writer, manifest, null, cancellation).ConfigureAwait(false);
    }

    // Segments of a version stay for as long as a version of the list names them: it must be there when this one is
    // listed.
    private async Task<CatalogResult<HashList>> ListAsync(
        Draft draft,
        BlobWriter writer,
        VersionManifest manifest,
        ListVersion? shared,
        CancellationToken cancellation)
    {
        HashList list = draft.List;
        (string manifestId, string digest) = await WriteManifestAsync(writer, manifest, cancellation)
            .ConfigureAwait(false);
        await CheckStoredAsync(list.Name, manifest, manifestId, cancellation).ConfigureAwait(false);
        ListVersion version = draft.Version with
        {
            Entries = manifest.Entries,
            ManifestId = manifestId,
            ManifestDigest = digest,
        };
        writer.MayBeNamed = true;
        CatalogResult<HashList> listed = await ChangeAsync(
            list.Name,
            draft.What,
            now => now.Id != list.Id ? Refusal.ListNotFound<HashList>(list.Name)
                : shared is not null && now.Find(shared.Number)?.ManifestId != shared.ManifestId
                    ? Refusal.LostRace<HashList>(list.Name, $"no longer has version {shared.Number}")
                : now.Stage(version),
            cancellation).ConfigureAwait(false);
        writer.MayBeNamed = listed.IsOk;
        return listed;
    }

    /// <param name="List">Whose version it becomes.</param>
    /// <param name="Version">All but its content.</param>
    /// <param name="What">Its line in the change log.</param>
    private sealed record Draft(HashList List, ListVersion Version, string What)
    {
        public Draft Counting(VersionStager stager) =>
            this with { Version = Version with { Duplicates = stager.Duplicates, Removed = stager.Removed } };
    }
}
