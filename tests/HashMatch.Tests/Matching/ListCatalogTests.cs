using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class ListCatalogTests : IAsyncLifetime
{
    private TemporaryStore _store = null!;
    private ListCatalog _catalog = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TemporaryStore.OpenAsync();
        _catalog = new ListCatalog(_store.Store, TimeProvider.System);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_staged_version_is_matched_against_once_it_is_active()
    {
        Random random = new(1);
        HashEntry entry = Samples.Entry(random, HashType.Pdq, "first");
        await CreateAsync("known");
        ListVersion version = await StageAsync("known", [entry, Samples.Entry(random, HashType.Md5)]);
        CurrentIndex index = new();
        using ListReplica replica = new(_store.Store, index, TimeProvider.System);

        Assert.True(await replica.RefreshAsync(Token));
        Assert.Empty(index.Value!.Lists);
        await ActivateAsync("known", version.Number);
        Assert.True(await replica.RefreshAsync(Token));

        List<Candidate> found = [];
        index.Value!.Find(Samples.Near(random, entry.Value.ToPdq(), 30), 100, found);
        Assert.Equal("first", Assert.Single(found).Segment.ExternalId(found[0].Row));
        Assert.Equal(30, found[0].Distance);
        Assert.Null(replica.Fault);
    }

    private async Task<HashList> CreateAsync(string name) =>
        Value(await _catalog.CreateAsync(name, "", new MatchPolicy(), Token));

    private async Task<ListVersion> StageAsync(string name, IEnumerable<HashEntry> entries) =>
        Value(await _catalog.StageAsync(name, Samples.Lines(entries), new StageOptions(), null, Token)).Version!;

    private async Task<HashList> ActivateAsync(string name, long version) =>
        Value(await _catalog.ActivateAsync(name, version, null, Token));

    private static T Value<T>(CatalogResult<T> result)
        where T : class
    {
        Assert.True(result.IsOk, result.Message);
        return result.Value;
    }
}
