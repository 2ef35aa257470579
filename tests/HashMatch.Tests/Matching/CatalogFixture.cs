using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>A catalog over a store of its own.</summary>
internal sealed class CatalogFixture : IAsyncDisposable
{
    private readonly TemporaryStore _store;

    private CatalogFixture(TemporaryStore store, TimeProvider time, StagingLimits limits)
    {
        _store = store;
        Catalog = new ListCatalog(store.Store, time) { Limits = limits };
    }

    /// <summary>As small as they go: a few hundred rows spill into runs that are merged in several passes.</summary>
    public static StagingLimits SmallLimits { get; } = new()
    {
        BufferBytes = 2 * PackedRow.MaxBytes,
        SpillBytes = PackedRow.MaxBytes,
        MergeWidth = 3,
        SegmentBytes = 2 * PackedRow.MaxBytes,
    };

    public ListCatalog Catalog { get; }

    public IListStore Store => _store.Store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CatalogFixture> OpenAsync(TimeProvider? time = null, StagingLimits? limits = null) =>
        new(await TemporaryStore.OpenAsync(), time ?? TimeProvider.System, limits ?? new StagingLimits());

    public static T Value<T>(CatalogResult<T> result)
        where T : class
    {
        Assert.True(result.IsOk, result.Message);
        Assert.Equal("", result.Message);
        return result.Value;
    }

    public static void Refused<T>(CatalogError error, CatalogResult<T> result)
        where T : class
    {
        Assert.Equal(error, result.Error);
        Assert.Null(result.Value);
        Assert.NotEqual("", result.Message);
    }

    public async Task<HashList> CreateAsync(string name, MatchPolicy? policy = null) =>
        Value(await Catalog.CreateAsync(name, "", policy ?? new MatchPolicy(), Token));

    public async Task<ListVersion> StageAsync(string name, params IEnumerable<HashEntry> entries) =>
        Value(await Catalog.StageAsync(name, Samples.Lines(entries), new StageOptions(), null, Token)).Version!;

    public async Task<HashList> ActivateAsync(string name, long version) =>
        Value(await Catalog.ActivateAsync(name, version, null, Token));

    /// <summary>A list with an active version of these entries.</summary>
    public async Task<HashList> LoadAsync(string name, params IEnumerable<HashEntry> entries)
    {
        if ((await Catalog.ReadAsync(name, Token)).Error == CatalogError.ListNotFound)
        {
            await CreateAsync(name);
        }

        return Value(await Catalog.ActivateAsync(
            name, (await StageAsync(name, entries)).Number, null, force: true, Token));
    }

    public async Task<HashList> ReadAsync(string name) => Value(await Catalog.ReadAsync(name, Token));

    public async Task<int> CountBlobsAsync(string name) => (await Store.ReadBlobsAsync(name, Token)).Count;

    /// <summary>The entries of a version as the store holds them, by key.</summary>
    public async Task<Dictionary<EntryKey, HashEntry>> EntriesAsync(string name, long version)
    {
        VersionManifest manifest = await ManifestAsync(name, version);
        Dictionary<EntryKey, HashEntry> entries = [];
        foreach (SegmentRef reference in manifest.Base.Concat(manifest.Deltas))
        {
            ListSegment segment = ListSegment.Decode(
                await Store.ReadBlobAsync(name, reference.Id, Token), reference, keepNotes: true);
            Assert.Equal(reference.First, segment.First.ToString());
            for (int row = 0; row < segment.Rows; row++)
            {
                if (segment.IsTombstone(row))
                {
                    entries.Remove(segment.KeyAt(row));
                }
                else
                {
                    entries[segment.KeyAt(row)] = segment.EntryAt(row);
                }
            }
        }

        Assert.Equal(manifest.Entries.Total, entries.Count);
        return entries;
    }

    public async Task<VersionManifest> ManifestAsync(string name, long version)
    {
        HashList list = await ReadAsync(name);
        ListVersion found = list.Versions.Single(v => v.Number == version);
        return ListDocument.DecodeManifest(await Store.ReadBlobAsync(name, found.ManifestId, Token), found);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
