using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Manifests and segments: reading, checking, clearing up.</content>
public sealed partial class ListCatalog
{
    /// <summary>How old a blob that no version names must be before it is collected without being asked for.</summary>
    public static readonly TimeSpan GarbageAge = TimeSpan.FromHours(24);

    private const int MaxReadsInFlight = 8;

    /// <summary>Deletes blobs that no version names and that are older than <paramref name="minAge"/>.</summary>
    /// <param name="minAge">Longer than any staging takes; see <see cref="GarbageAge"/>.</param>
    /// <param name="cancellation">Between lists.</param>
    /// <returns>How many were deleted.</returns>
    public async Task<int> CollectGarbageAsync(TimeSpan minAge, CancellationToken cancellation)
    {
        int deleted = 0;
        foreach (string name in await _store.ReadBlobOwnersAsync(cancellation).ConfigureAwait(false))
        {
            // What is no list's has an owner of its own, who knows what is still wanted.
            if (NameProblem(name) is not null)
            {
                continue;
            }

            // Blobs before the document: what is written and named in between is not among them.
            IReadOnlyList<StoredBlob> blobs = await _store.ReadBlobsAsync(name, cancellation).ConfigureAwait(false);
            DateTimeOffset youngest = _time.GetUtcNow() - minAge;
            HashSet<string>? named = await AllNamedBlobsAsync(name, cancellation).ConfigureAwait(false);
            if (named is null)
            {
                continue;
            }

            List<string> garbage = [.. blobs
                .Where(blob => blob.WrittenAt <= youngest && !named.Contains(blob.Id))
                .Select(blob => blob.Id)];
            if (garbage.Count > 0)
            {
                await _store.DeleteBlobsAsync(name, garbage, cancellation).ConfigureAwait(false);
                deleted += garbage.Count;
            }
        }

        return deleted;
    }

    // Null when a version's content cannot be told: then nothing of the list is garbage.
    private async Task<HashSet<string>?> AllNamedBlobsAsync(string name, CancellationToken cancellation)
    {
        try
        {
            StoredList? stored = await _store.ReadListAsync(name, cancellation).ConfigureAwait(false);
            if (stored is null)
            {
                // A document that the store lost can be restored, what it names cannot.
                IReadOnlyList<ListChange> last = await _store.ReadChangesAsync(name, 1, cancellation)
                    .ConfigureAwait(false);
                return last.Count == 0 || last[0].IsDeletion ? [] : null;
            }

            HashList list = ListDocument.Decode(stored);
            return await NamedBlobsAsync(list, list.Versions, tolerant: false, cancellation).ConfigureAwait(false);
        }
        catch (StoreCorruptException)
        {
            return null;
        }
    }

    private async Task<HashSet<string>> NamedBlobsAsync(
        HashList list, IEnumerable<ListVersion> versions, bool tolerant, CancellationToken cancellation)
    {
        HashSet<string> named = [];
        foreach (ListVersion version in versions)
        {
            named.Add(version.ManifestId);
            try
            {
                VersionManifest manifest = await ReadManifestAsync(list, version, cancellation).ConfigureAwait(false);
                named.UnionWith(manifest.Base.Concat(manifest.Deltas).Select(segment => segment.Id));
            }
            catch (StoreCorruptException) when (tolerant)
            {
                // What a broken manifest named is collected as garbage.
            }
        }

        return named;
    }

    private async Task<VersionManifest> ReadManifestAsync(
        HashList list, ListVersion version, CancellationToken cancellation)
    {
        byte[]? blob = await _store.ReadBlobAsync(list.Name, version.ManifestId, cancellation).ConfigureAwait(false);
        return ListDocument.DecodeManifest(blob, version);
    }

    private async Task<ListSegment> ReadSegmentAsync(
        string name, SegmentRef segment, bool keepNotes, CancellationToken cancellation) =>
        ListSegment.Decode(
            await _store.ReadBlobAsync(name, segment.Id, cancellation).ConfigureAwait(false), segment, keepNotes);

    /// <summary>Why a version cannot be activated; null when all of its content is there as it was written.</summary>
    private async Task<string?> ContentProblemAsync(
        HashList list, ListVersion version, CancellationToken cancellation)
    {
        try
        {
            VersionManifest manifest = await ReadManifestAsync(list, version, cancellation).ConfigureAwait(false);
            if (manifest.Entries != version.Entries)
            {
                return $"version {version.Number} does not hold as many entries as were staged";
            }

            ParallelOptions options = new()
            {
                MaxDegreeOfParallelism = MaxReadsInFlight,
                CancellationToken = cancellation,
            };
            await Parallel.ForEachAsync(
                manifest.Base.Concat(manifest.Deltas),
                options,
                async (segment, token) => ListSegment.Verify(
                    await _store.ReadBlobAsync(list.Name, segment.Id, token).ConfigureAwait(false), segment))
                .ConfigureAwait(false);
            return null;
        }
        catch (StoreCorruptException e)
        {
            return $"version {version.Number} is not whole: {e.Message}";
        }
    }

    /// <summary>
    /// The same of a version that may have been active before: then it was read whole once, and that its blobs are
    /// still there is enough for a roll-back to be instant.
    /// </summary>
    private async Task<string?> KeptProblemAsync(HashList list, ListVersion version, CancellationToken cancellation)
    {
        if (version.ActivatedAt is null)
        {
            return await ContentProblemAsync(list, version, cancellation).ConfigureAwait(false);
        }

        try
        {
            VersionManifest manifest = await ReadManifestAsync(list, version, cancellation).ConfigureAwait(false);
            await CheckStoredAsync(list.Name, manifest, version.ManifestId, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (StoreCorruptException e)
        {
            return $"version {version.Number} is not whole: {e.Message}";
        }
    }

    /// <summary>Deletes blobs of versions that are gone, but for those that other versions share.</summary>
    private async Task DropVersionsAsync(
        HashList list, IReadOnlyList<ListVersion> gone, CancellationToken cancellation)
    {
        try
        {
            HashSet<string> blobs = await NamedBlobsAsync(list, gone, tolerant: true, cancellation)
                .ConfigureAwait(false);
            blobs.ExceptWith(await NamedBlobsAsync(list, list.Versions, tolerant: false, cancellation)
                .ConfigureAwait(false));
            await TryDeleteBlobsAsync(list.Name, blobs, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreCorruptException or StoreUnavailableException or OperationCanceledException)
        {
            // The versions are gone already; their blobs are collected as garbage.
        }
    }

    private async Task TryDeleteBlobsAsync(
        string name, IReadOnlyCollection<string> blobs, CancellationToken cancellation)
    {
        try
        {
            await _store.DeleteBlobsAsync(name, blobs, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // No document names them any more; they are collected as garbage.
        }
    }
}
