using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>What a store holds of a list, checked and whole, notes included.</summary>
internal static class StoredContent
{
    /// <summary>The entries of the active version by key; null when no version is active.</summary>
    /// <exception cref="StoreCorruptException">It is not whole.</exception>
    public static async Task<HashEntry[]?> ReadAsync(
        IListStore store, string name, CancellationToken cancellation)
    {
        StoredList? stored = await store.ReadListAsync(name, cancellation);
        HashList list = ListDocument.Decode(stored ?? throw new StoreCorruptException($"No list {name}."));
        return list.ActiveVersion == 0 ? null : await ReadAsync(store, list, list.ActiveVersion, cancellation);
    }

    /// <summary>The entries of a version that was staged, by key.</summary>
    public static async Task<HashEntry[]> ReadAsync(
        IListStore store, HashList list, long number, CancellationToken cancellation)
    {
        ListVersion version = list.Versions.Single(version => version.Number == number);
        VersionManifest manifest = ListDocument.DecodeManifest(
            await store.ReadBlobAsync(list.Name, version.ManifestId, cancellation), version);
        var entries = new Dictionary<EntryKey, HashEntry>();
        foreach (SegmentRef reference in manifest.Base.Concat(manifest.Deltas))
        {
            ListSegment segment = ListSegment.Decode(
                await store.ReadBlobAsync(list.Name, reference.Id, cancellation), reference, keepNotes: true);
            for (int row = 0; row < segment.Rows; row++)
            {
                if (segment.IsTombstone(row))
                    entries.Remove(segment.KeyAt(row));
                else
                    entries[segment.KeyAt(row)] = segment.EntryAt(row);
            }
        }
        Assert.Equal(version.Entries.Total, entries.Count);
        return Sorted(entries.Values);
    }

    /// <summary>The same order as that of a store.</summary>
    public static HashEntry[] Sorted(IEnumerable<HashEntry> entries) =>
        [.. entries.OrderBy(entry => new EntryKey(entry.Type, entry.Value))];

    /// <summary>Whether two contents are equal; quicker to say than all their differences.</summary>
    public static bool AreEqual(HashEntry[]? one, HashEntry[]? other) =>
        one is null || other is null ? one == other : one.AsSpan().SequenceEqual(other);
}
