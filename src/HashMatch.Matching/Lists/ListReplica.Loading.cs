using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>One list from its document to what the index takes.</content>
public sealed partial class ListReplica
{
    private const int MaxReadsInFlight = 8;

    // A list's change log and its document are two keys: one that is gone without a word of it in the other was lost.
    private const int ChangesSearched = 1000;

    private delegate Task<byte[]?> BlobReader(string list, string id, CancellationToken cancellation);

    /// <summary>A list as it is now; null when it was deleted or never made.</summary>
    /// <exception cref="StoreCorruptException">The store lost it, or its version is not whole.</exception>
    private async Task<LoadedList?> LoadAsync(
        string name, StoredList? stored, LoadedList? known, CancellationToken cancellation)
    {
        Guid? before = known is null
            ? _expected.TryGetValue(name, out Guid expected) ? expected : null
            : known.Indexed?.Id;
        if (stored is null)
        {
            IReadOnlyList<ListChange> last = await _store.ReadChangesAsync(name, 1, cancellation)
                .ConfigureAwait(false);
            if (last.Count == 0 ? before is null : last[0].IsDeletion)
            {
                return null;
            }

            // One that was created in between is there by now.
            stored = await _store.ReadListAsync(name, cancellation).ConfigureAwait(false)
                ?? throw StoreCorruptException.Lost($"List {name} is gone from the store, and nobody deleted it.");
        }

        try
        {
            return await LoadAsync(stored, known, before, cancellation).ConfigureAwait(false);
        }
        catch (StoreCorruptException)
        {
            // A version that was replaced and deleted while it was being read looks just like a broken one.
            StoredList? again = await _store.ReadListAsync(stored.Name, cancellation).ConfigureAwait(false);
            if (again is null)
            {
                return await LoadAsync(name, null, known, cancellation).ConfigureAwait(false);
            }

            if (again.Revision == stored.Revision)
            {
                throw;
            }

            return await LoadAsync(again, known, before, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<LoadedList> LoadAsync(
        StoredList stored, LoadedList? known, Guid? before, CancellationToken cancellation)
    {
        HashList list = ListDocument.Decode(stored);
        if (list.ActiveVersion == 0 && before is { } id
            && !await IsMadeAnewAsync(list, id, cancellation).ConfigureAwait(false))
        {
            throw StoreCorruptException.Lost($"List {list.Name} has lost its active version in the store.");
        }

        return await LoadAsync(stored, list, known, _store.ReadBlobAsync, cancellation).ConfigureAwait(false);
    }

    // No change takes the active version away. One that was deleted and made anew has no version yet.
    private async Task<bool> IsMadeAnewAsync(HashList list, Guid before, CancellationToken cancellation) =>
        list.Id != before
        && (await _store.ReadChangesAsync(list.Name, ChangesSearched, cancellation).ConfigureAwait(false))
            .Any(change => change.IsDeletion);

    private async Task<LoadedList> LoadAsync(
        StoredList stored, HashList list, LoadedList? known, BlobReader read, CancellationToken cancellation)
    {
        // Uploads never meet canaries: what they hold takes no memory here.
        if (list.Policy.Kind == ListKind.Canary || list.Find(list.ActiveVersion) is not { } active)
        {
            return LoadedList.Nothing(stored);
        }

        if (known?.ManifestId == active.ManifestId && known.Indexed is { } indexed)
        {
            IndexedList now = indexed with
            {
                Version = active.Number,
                Policy = list.Policy,
                Id = list.Id,
                ActivatedAt = active.ActivatedAt,
                Quarantined = new QuarantinedKeys(list.Quarantined),
            };
            return known with { Stored = stored, Indexed = now == indexed ? indexed : now };
        }

        byte[]? blob = await read(list.Name, active.ManifestId, cancellation).ConfigureAwait(false);
        VersionManifest manifest = ListDocument.DecodeManifest(blob, active);
        ListSegment[] segments = await ReadAsync(
            list.Name, [.. manifest.Base, .. manifest.Deltas], read, cancellation).ConfigureAwait(false);
        VersionContent content = VersionContent.CreateAfter(
            known?.Indexed?.Content, segments[..manifest.Base.Count], segments[manifest.Base.Count..]);
        if (content.Counts != manifest.Entries || content.Counts != active.Entries)
        {
            throw new StoreCorruptException(
                $"Version {active.Number} of list {list.Name} does not hold as many entries as it says.");
        }

        return new LoadedList(
            stored,
            active.ManifestId,
            blob,
            manifest,
            new IndexedList(list.Name, active.Number, list.Policy, content)
            {
                Id = list.Id,
                ActivatedAt = active.ActivatedAt,
                Quarantined = new QuarantinedKeys(list.Quarantined),
            });
    }

    private async Task<ListSegment[]> ReadAsync(
        string name, SegmentRef[] wanted, BlobReader read, CancellationToken cancellation)
    {
        ListSegment[] segments = new ListSegment[wanted.Length];
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = MaxReadsInFlight,
            CancellationToken = cancellation,
        };
        await Parallel.ForAsync(0, wanted.Length, options, async (i, token) =>
        {
            if (!_segments.TryGetValue(wanted[i].Id, out ListSegment? segment))
            {
                byte[]? blob = await read(name, wanted[i].Id, token).ConfigureAwait(false);

                // The checksum finds accidents. SHA-256 would make a load 15% slower: persons are found when a version
                // is activated, and by verifying the audit log.
                segment = ListSegment.Decode(blob, wanted[i], withDigest: false);
                _segments[wanted[i].Id] = segment;
            }

            segments[i] = segment;
        }).ConfigureAwait(false);
        return segments;
    }
}
