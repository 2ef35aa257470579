using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class ListCatalogTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly Random _random = new(31);
    private CatalogFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ListCatalog Catalog => _fixture.Catalog;

    public async ValueTask InitializeAsync() => _fixture = await CatalogFixture.OpenAsync(_time);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("a")]
    [InlineData("9.b_c-d")]
    [InlineData("ncmec-2026.11")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_list_has_a_plain_name(string name) =>
        Assert.Equal(name, (await _fixture.CreateAsync(name)).Name);

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a{b}")]
    [InlineData("дело")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Other_names_are_refused(string name)
    {
        CatalogResult<HashList> result = await Catalog.CreateAsync(name, "", new MatchPolicy(), Token);
        CatalogFixture.Refused(CatalogError.Invalid, result);
        Assert.Equal("name", result.Field);
    }

    [Fact]
    public async Task A_list_is_what_was_created_and_changed()
    {
        MatchPolicy policy = new()
        {
            MaxDistance = 20,
            MinQuality = 60,
            Action = MatchAction.Review,
            Shadow = true,
            Trim = false,
        };
        await Catalog.CreateAsync("l", "дело №17", policy, Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        HashList updated = CatalogFixture.Value(await Catalog.UpdateAsync(
            "l", new ListUpdate { Shadow = false, MaxDistance = 0, ExpectedRevision = 1 }, Token));
        Assert.Equal("дело №17", updated.Description);
        Assert.Equal(policy with { Shadow = false, MaxDistance = 0 }, updated.Policy);
        Assert.Equal(2, updated.Revision);
        Assert.Equal(TimeSpan.FromMinutes(1), updated.UpdatedAt - updated.CreatedAt);
        HashList read = await _fixture.ReadAsync("l");
        Assert.Equivalent(updated, read, strict: true);
        Assert.Equal(["l"], (await Catalog.ReadAllAsync(Token)).Select(list => list.Name));
        Assert.Equal(
            ["updated", "created"], (await _fixture.Store.ReadChangesAsync("l", 10, Token)).Select(c => c.What));
    }

    [Fact]
    public async Task An_update_that_changes_nothing_makes_no_revision()
    {
        await _fixture.CreateAsync("l");
        Assert.Equal(1, CatalogFixture.Value(
            await Catalog.UpdateAsync("l", new ListUpdate { MaxDistance = 31 }, Token)).Revision);
    }

    [Theory]
    [InlineData(-1, 50, MatchAction.Block, "policy.max_distance")]
    [InlineData(64, 50, MatchAction.Block, "policy.max_distance")]
    [InlineData(31, 101, MatchAction.Block, "policy.min_quality")]
    [InlineData(31, 50, MatchAction.Allow, "policy.action")]
    public async Task A_bad_policy_is_refused_by_field(int distance, int quality, MatchAction action, string field)
    {
        MatchPolicy policy = new() { MaxDistance = distance, MinQuality = quality, Action = action };
        CatalogResult<HashList> result = await Catalog.CreateAsync("l", "", policy, Token);
        CatalogFixture.Refused(CatalogError.Invalid, result);
        Assert.Equal(field, result.Field);
        await _fixture.CreateAsync("l");
        ListUpdate update = new() { MaxDistance = distance, MinQuality = quality, Action = action };
        Assert.Equal(field, (await Catalog.UpdateAsync("l", update, Token)).Field);
    }

    [Fact]
    public async Task What_is_not_there_is_refused_by_every_member()
    {
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.ReadAsync("l", Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.UpdateAsync("l", new ListUpdate(), Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.DeleteAsync("l", null, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.ActivateAsync("l", 1, null, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.RollBackAsync("l", null, null, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.RetireAsync("l", 1, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.DeleteVersionAsync("l", 1, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.AddEntriesAsync("l", [Entry()], Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.CopyAsync("l", Catalog, true, null, Token));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.StageAsync(
            "l", Samples.Lines([Entry()]), new StageOptions(), null, Token));
        await _fixture.CreateAsync("l");
        CatalogFixture.Refused(CatalogError.ListExists, await Catalog.CreateAsync("l", "", new MatchPolicy(), Token));
        CatalogFixture.Refused(CatalogError.VersionNotFound, await Catalog.ActivateAsync("l", 1, null, Token));
        CatalogFixture.Refused(CatalogError.VersionNotFound, await Catalog.RollBackAsync("l", 1, null, Token));
        CatalogFixture.Refused(CatalogError.VersionNotFound, await Catalog.RetireAsync("l", 1, Token));
        CatalogFixture.Refused(CatalogError.VersionNotFound, await Catalog.DeleteVersionAsync("l", 1, Token));
        CatalogFixture.Refused(CatalogError.NothingToRollBack, await Catalog.RollBackAsync("l", null, null, Token));
        CatalogFixture.Refused(CatalogError.NoActiveVersion, await Catalog.AddEntriesAsync("l", [Entry()], Token));
        CatalogFixture.Refused(CatalogError.NoActiveVersion, await Catalog.CopyAsync("l", Catalog, true, null, Token));
    }

    [Fact]
    public async Task Versions_go_from_staged_to_active_to_retired()
    {
        await _fixture.LoadAsync("l", Entry());
        ListVersion second = await _fixture.StageAsync("l", Entry(), Entry());
        HashList list = await _fixture.ReadAsync("l");
        Assert.Equal([(2, VersionState.Staged), (1, VersionState.Active)], States(list));
        Assert.Null(list.Versions[0].ActivatedAt);

        list = await _fixture.ActivateAsync("l", second.Number);
        Assert.Equal([(2, VersionState.Active), (1, VersionState.Retired)], States(list));
        Assert.Equal(2, list.ActiveVersion);
        Assert.Equal([1L, 2L], list.Activations);
        Assert.Equal(_time.GetUtcNow(), list.Versions[0].ActivatedAt);
        long revision = list.Revision;
        Assert.Equal(revision, (await _fixture.ActivateAsync("l", 2)).Revision);
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.ActivateAsync("l", 1, null, Token));
    }

    [Fact]
    public async Task Rolling_back_goes_through_what_was_active_in_reverse()
    {
        await LoadManyAsync(3);
        HashList list = CatalogFixture.Value(await Catalog.RollBackAsync("l", null, 3, Token));
        Assert.Equal(2, list.ActiveVersion);
        list = CatalogFixture.Value(await Catalog.RollBackAsync("l", null, null, Token));
        Assert.Equal(1, list.ActiveVersion);
        CatalogFixture.Refused(CatalogError.NothingToRollBack, await Catalog.RollBackAsync("l", null, null, Token));

        list = CatalogFixture.Value(await Catalog.RollBackAsync("l", 3, null, Token));
        Assert.Equal([1L, 3L], list.Activations);
        Assert.Equal([(3, VersionState.Active), (2, VersionState.Retired), (1, VersionState.Retired)], States(list));
        list = CatalogFixture.Value(await Catalog.RollBackAsync("l", null, null, Token));
        Assert.Equal(1, list.ActiveVersion);
        Assert.Contains("rolled-back", (await _fixture.Store.ReadChangesAsync("l", 1, Token)).Select(c => c.What));
    }

    [Fact]
    public async Task A_retired_version_becomes_active_by_roll_back_only()
    {
        await _fixture.LoadAsync("l", Entry());
        await _fixture.StageAsync("l", Entry());
        CatalogFixture.Refused(CatalogError.VersionIsActive, await Catalog.RetireAsync("l", 1, Token));
        HashList list = CatalogFixture.Value(await Catalog.RetireAsync("l", 2, Token));
        Assert.Equal([(2, VersionState.Retired), (1, VersionState.Active)], States(list));
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.ActivateAsync("l", 2, null, Token));
        Assert.Equal(2, CatalogFixture.Value(await Catalog.RollBackAsync("l", 2, null, Token)).ActiveVersion);
    }

    [Fact]
    public async Task A_deleted_version_takes_its_blobs_with_it_and_leaves_the_way_back()
    {
        await LoadManyAsync(3);
        CatalogFixture.Refused(CatalogError.VersionIsActive, await Catalog.DeleteVersionAsync("l", 3, Token));
        Assert.Equal(6, await _fixture.CountBlobsAsync("l"));
        HashList list = CatalogFixture.Value(await Catalog.DeleteVersionAsync("l", 2, Token));
        Assert.Equal(4, await _fixture.CountBlobsAsync("l"));
        Assert.Equal([1L, 3L], list.Activations);
        Assert.Equal(1, CatalogFixture.Value(await Catalog.RollBackAsync("l", null, null, Token)).ActiveVersion);
        Assert.Equal(4, (await _fixture.StageAsync("l", Entry())).Number);
    }

    [Fact]
    public async Task A_deleted_list_takes_its_blobs_with_it()
    {
        await LoadManyAsync(2);
        CatalogFixture.Refused(CatalogError.LostRace, await Catalog.DeleteAsync("l", 1, Token));
        HashList list = await _fixture.ReadAsync("l");
        Assert.Equivalent(list, CatalogFixture.Value(await Catalog.DeleteAsync("l", list.Revision, Token)));
        CatalogFixture.Refused(CatalogError.ListNotFound, await Catalog.ReadAsync("l", Token));
        Assert.Equal(0, await _fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task Of_two_activations_that_expect_the_same_exactly_one_wins()
    {
        await _fixture.LoadAsync("l", Entry());
        for (long active = 1; active < 16; active += 2)
        {
            await _fixture.StageAsync("l", Entry());
            await _fixture.StageAsync("l", Entry());
            long expected = (await _fixture.ReadAsync("l")).ActiveVersion;
            CatalogResult<HashList>[] results = await Task.WhenAll(
                Task.Run(() => Catalog.ActivateAsync("l", active + 1, expected, Token), Token),
                Task.Run(() => Catalog.ActivateAsync("l", active + 2, expected, Token), Token));
            Assert.Single(results, result => result.IsOk);
            CatalogFixture.Refused(CatalogError.LostRace, Assert.Single(results, result => !result.IsOk));
            HashList list = await _fixture.ReadAsync("l");
            Assert.Equal(results.Single(r => r.IsOk).Value!.ActiveVersion, list.ActiveVersion);
            Assert.Single(list.Versions, version => version.State == VersionState.Active);
        }
    }

    [Fact]
    public async Task Loaders_that_expect_nothing_all_get_through()
    {
        await _fixture.CreateAsync("l");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            async () =>
            {
                HashEntry entry = Samples.Entry(new Random(i), HashType.Pdq);
                await _fixture.ActivateAsync("l", (await _fixture.StageAsync("l", entry)).Number);
                CatalogFixture.Value(await Catalog.UpdateAsync("l", new ListUpdate { MaxDistance = i }, Token));
            },
            Token)));
        HashList list = await _fixture.ReadAsync("l");
        Assert.Equal([6L, 5L, 4L, 3L, 2L, 1L], list.Versions.Select(version => version.Number));
        Assert.Single(list.Versions, version => version.State == VersionState.Active);
    }

    [Fact]
    public async Task A_version_that_is_not_whole_is_never_activated()
    {
        await _fixture.LoadAsync("l", Entry());
        ListVersion version = await _fixture.StageAsync("l", Entry());
        SegmentRef segment = (await _fixture.ManifestAsync("l", version.Number)).Base[0];
        byte[] blob = (await _fixture.Store.ReadBlobAsync("l", segment.Id, Token))!;
        await _fixture.Store.DeleteBlobsAsync("l", [segment.Id], Token);
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.ActivateAsync("l", 2, null, Token));
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.RollBackAsync("l", 2, null, Token));

        blob[^1] ^= 1;
        await _fixture.Store.WriteBlobAsync("l", segment.Id, blob, Token);
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.ActivateAsync("l", 2, null, Token));
        await _fixture.Store.DeleteBlobsAsync("l", [version.ManifestId], Token);
        CatalogFixture.Refused(CatalogError.VersionNotStaged, await Catalog.ActivateAsync("l", 2, null, Token));
        Assert.Equal(1, (await _fixture.ReadAsync("l")).ActiveVersion);
    }

    [Fact]
    public async Task Garbage_is_what_no_version_names_and_is_old_enough()
    {
        await LoadManyAsync(2);
        await _fixture.Store.WriteBlobAsync("l", Guid.NewGuid().ToString("N"), new byte[8], Token);
        await _fixture.Store.WriteBlobAsync("gone", Guid.NewGuid().ToString("N"), new byte[8], Token);

        // The store's clock is the real one.
        _time.Advance(DateTimeOffset.UtcNow - _time.GetUtcNow());
        Assert.Equal(0, await Catalog.CollectGarbageAsync(ListCatalog.GarbageAge, Token));
        _time.Advance(ListCatalog.GarbageAge + TimeSpan.FromHours(1));
        Assert.Equal(2, await Catalog.CollectGarbageAsync(ListCatalog.GarbageAge, Token));
        Assert.Equal(4, await _fixture.CountBlobsAsync("l"));
        Assert.Equal(0, await _fixture.CountBlobsAsync("gone"));
        Assert.Equal(1, CatalogFixture.Value(await Catalog.RollBackAsync("l", null, null, Token)).ActiveVersion);
    }

    [Fact]
    public async Task A_list_whose_content_cannot_be_told_has_no_garbage()
    {
        await LoadManyAsync(2);
        string manifest = (await _fixture.ReadAsync("l")).Versions[0].ManifestId;
        await _fixture.Store.DeleteBlobsAsync("l", [manifest], Token);
        _time.Advance(TimeSpan.FromDays(100_000));
        Assert.Equal(0, await Catalog.CollectGarbageAsync(TimeSpan.Zero, Token));
        Assert.Equal(3, await _fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task A_document_of_a_later_format_is_refused_rather_than_misread()
    {
        HashList list = await _fixture.CreateAsync("l");
        string json = System.Text.Encoding.UTF8.GetString(ListDocument.Encode(list).Document.Span);
        foreach (string changed in (string[])
            [json.Replace("\"format\":1", "\"format\":3", StringComparison.Ordinal), "{", "null", "{\"format\":1}"])
        {
            StoredList stored = new("l", 1, System.Text.Encoding.UTF8.GetBytes(changed));
            Assert.Throws<StoreCorruptException>(() => ListDocument.Decode(stored));
        }
    }

    [Fact]
    public async Task A_document_of_before_there_was_trim_has_it()
    {
        HashList list = await _fixture.CreateAsync("l", new MatchPolicy { Trim = false, MinQuality = 7 });
        StoredList stored = ListDocument.Encode(list);
        Assert.Equal(list.Policy, ListDocument.Decode(stored).Policy);
        string json = System.Text.Encoding.UTF8.GetString(stored.Document.Span);
        string old = json.Replace("\"trim\":false,", "", StringComparison.Ordinal);
        Assert.True(old.Length < json.Length, json);
        stored = stored with { Document = System.Text.Encoding.UTF8.GetBytes(old) };
        Assert.Equal(list.Policy with { Trim = true }, ListDocument.Decode(stored).Policy);
    }

    [Fact]
    public async Task A_copy_holds_what_the_list_holds()
    {
        List<HashEntry> entries = [.. Texts.Zoo.Select(text => Entry() with { ExternalId = text, Note = text })];
        await Catalog.CreateAsync("l", "described", new MatchPolicy { MaxDistance = 9, Trim = false }, Token);
        await _fixture.LoadAsync("l", entries);
        CatalogFixture.Value(await Catalog.AddEntriesAsync("l", [entries[1] with { Note = "changed" }], Token));
        CatalogFixture.Value(await Catalog.RemoveEntriesAsync("l", [Samples.KeyOf(entries[0])], Token));

        await using CatalogFixture other = await CatalogFixture.OpenAsync();
        HashList copy = CatalogFixture.Value(await Catalog.CopyAsync("l", other.Catalog, false, null, Token));
        Assert.Equal(("described", 9, 1), (copy.Description, copy.Policy.MaxDistance, copy.ActiveVersion));
        Assert.False(copy.Policy.Trim);
        Assert.Equivalent(await _fixture.EntriesAsync("l", 3), await other.EntriesAsync("l", 1), strict: true);

        CatalogFixture.Refused(
            CatalogError.ListExists, await Catalog.CopyAsync("l", other.Catalog, false, null, Token));
        copy = CatalogFixture.Value(await Catalog.CopyAsync("l", other.Catalog, true, null, Token));
        Assert.Equal(2, copy.ActiveVersion);
        Assert.Equal(1, CatalogFixture.Value(await other.Catalog.RollBackAsync("l", null, null, Token)).ActiveVersion);
    }

    private static IEnumerable<(int, VersionState)> States(HashList list) =>
        list.Versions.Select(version => ((int)version.Number, version.State));

    private HashEntry Entry() => Samples.Entry(_random, HashType.Pdq);

    private async Task LoadManyAsync(int versions)
    {
        for (int i = 0; i < versions; i++)
        {
            await _fixture.LoadAsync("l", Entry());
        }
    }
}
