using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>Guards of what is loaded and activated: what they refuse, what passes, and what is said of it.</summary>
public sealed class GuardTests
{
    private readonly Random _random = new(51);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100, 151, true)]
    [InlineData(100, 150, false)]
    [InlineData(100, 49, true)]
    [InlineData(100, 50, false)]
    [InlineData(99, 1, false)]
    [InlineData(99, 1000, false)]
    public async Task A_size_that_changes_by_more_than_half_is_refused_from_100_entries_on(
        int before, int after, bool refused)
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.LoadAsync("cases", Entries(before));
        ListVersion next = await fixture.StageAsync("cases", Entries(after));
        CatalogResult<HashList> result = await fixture.Catalog.ActivateAsync("cases", next.Number, null, Token);
        if (!refused)
        {
            Assert.True(result.IsOk, result.Message);
            Assert.Equal("activated", await LastChangeAsync(fixture));
            return;
        }

        CatalogFixture.Refused(CatalogError.GuardSizeChange, result);
        Assert.Contains($"from {before} to {after} entries", result.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await fixture.ReadAsync("cases")).ActiveVersion);

        HashList forced = CatalogFixture.Value(
            await fixture.Catalog.ActivateAsync("cases", next.Number, null, force: true, Token));
        Assert.Equal(2, forced.ActiveVersion);
        Assert.StartsWith(
            $"activated, forced past size: {before} to {after} entries",
            await LastChangeAsync(fixture),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_roll_back_is_not_held_to_a_size_and_the_policy_says_how_much_may_change()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("cases", new MatchPolicy { MaxChangePercent = 900 });
        await fixture.LoadAsync("cases", Entries(100));
        await fixture.LoadAsync("cases", Entries(1000));
        CatalogFixture.Value(
            await fixture.Catalog.UpdateAsync("cases", new ListUpdate { MaxChangePercent = 0 }, Token));
        CatalogFixture.Value(await fixture.Catalog.RollBackAsync("cases", null, null, Token));
        ListVersion same = await fixture.StageAsync("cases", Entries(100));
        await fixture.ActivateAsync("cases", same.Number);
        ListVersion more = await fixture.StageAsync("cases", Entries(101));
        CatalogFixture.Refused(
            CatalogError.GuardSizeChange, await fixture.Catalog.ActivateAsync("cases", more.Number, null, Token));
        // It was never active: going to it is no way back.
        CatalogFixture.Refused(
            CatalogError.GuardSizeChange, await fixture.Catalog.RollBackAsync("cases", more.Number, null, Token));
        CatalogFixture.Refused(
            CatalogError.Invalid,
            await fixture.Catalog.UpdateAsync("cases", new ListUpdate { MaxChangePercent = 1001 }, Token));
    }

    [Fact]
    public async Task An_entry_within_the_lists_threshold_of_a_canary_is_refused_naming_both()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        (PdqHash canary, HashEntry digest) = await CanariesAsync(fixture);
        await fixture.CreateAsync("cases", new MatchPolicy { MaxDistance = 20 });
        HashEntry within = Samples.Entry(Samples.Near(_random, canary, 20), "case-1");
        HashEntry beyond = Samples.Entry(Samples.Near(_random, canary, 21), "case-2");
        HashEntry equal = digest with { ExternalId = "case-3" };
        StageResult staged = await StageAsync(fixture, force: false, beyond, within, equal);
        Assert.Null(staged.Version);
        Assert.Equal([2, 3], staged.Errors.Select(error => error.Line));
        Assert.Contains(
            "'case-1' is within 20 bits of canary 'kitten'", staged.Errors[0].Reason, StringComparison.Ordinal);
        Assert.Contains("'case-3' is the same as canary 'puppy'", staged.Errors[1].Reason, StringComparison.Ordinal);
        Assert.All(staged.Errors, error =>
        {
            Assert.DoesNotContain(within.Value.ToHex(HashType.Pdq), error.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain(equal.Value.ToHex(equal.Type), error.Reason, StringComparison.Ordinal);
        });

        Assert.NotNull((await StageAsync(fixture, force: false, beyond)).Version);
        StageResult forced = await StageAsync(fixture, force: true, beyond, within, equal);
        Assert.Equal(3, forced.Version!.Entries.Total);
        Assert.Equal("staged, forced past canaries: 2", await LastChangeAsync(fixture));
    }

    [Fact]
    public async Task Only_what_can_match_is_held_to_the_canaries()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        (PdqHash canary, _) = await CanariesAsync(fixture);
        foreach (ListKind kind in new[] { ListKind.Negative, ListKind.Canary })
        {
            await fixture.CreateAsync($"{kind}".ToLowerInvariant(), new MatchPolicy { Kind = kind });
            await fixture.StageAsync($"{kind}".ToLowerInvariant(), Samples.Entry(canary, "again"));
        }

        CatalogFixture.Value(await fixture.Catalog.UpdateAsync("benign", new ListUpdate { Enabled = false }, Token));
        await fixture.CreateAsync("cases");
        Assert.NotNull((await StageAsync(fixture, force: false, Samples.Entry(canary, "case-1"))).Version);
    }

    [Fact]
    public async Task Single_entries_pass_the_same_guards()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        (PdqHash canary, _) = await CanariesAsync(fixture);
        await fixture.LoadAsync("cases", Entries(3));
        HashEntry near = Samples.Entry(Samples.Near(_random, canary, 5), "case-1");
        HashEntry blank = Samples.Entry(default(PdqHash), "case-2");
        foreach (HashEntry entry in new[] { near, blank })
        {
            CatalogResult<EditResult> refused =
                await fixture.Catalog.AddEntriesAsync("cases", [Entries(1)[0], entry], Token);
            CatalogFixture.Refused(CatalogError.Invalid, refused);
            Assert.Equal("entries[1]", refused.Field);
        }

        EditResult added = CatalogFixture.Value(
            await fixture.Catalog.AddEntriesAsync("cases", [near, blank], force: true, Token));
        Assert.Equal(2, added.Added);
        Assert.Equal(
            "edited, forced past low structure: 1, canaries: 1", await LastChangeAsync(fixture));
    }

    [Fact]
    public async Task Canaries_that_cannot_be_read_bar_what_is_not_forced()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await CanariesAsync(fixture);
        VersionManifest canaries = await fixture.ManifestAsync("benign", 1);
        await fixture.LoadAsync("cases", Entries(3));
        await fixture.Store.DeleteBlobsAsync("benign", [canaries.Base[0].Id], Token);
        await Assert.ThrowsAsync<StoreCorruptException>(
            () => fixture.Catalog.AddEntriesAsync("cases", Entries(1), Token));
        CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("cases", Entries(1), force: true, Token));
        Assert.Equal("edited, forced past canaries that could not be read", await LastChangeAsync(fixture));
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_forced()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("cases");
        HashEntry broken = Entries(1)[0] with { ExternalId = new string('x', 300) };
        HashEntry none = Entries(1)[0] with { Type = (HashType)99 };
        StageResult staged = await StageAsync(fixture, force: true, broken, none);
        Assert.Null(staged.Version);
        Assert.Equal(2, staged.ErrorCount);
    }

    private HashEntry[] Entries(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Samples.Entry(_random, HashType.Pdq))];

    private async Task<(PdqHash Hash, HashEntry Digest)> CanariesAsync(CatalogFixture fixture)
    {
        await fixture.CreateAsync("benign", new MatchPolicy { Kind = ListKind.Canary });
        PdqHash hash = Samples.Pdq(_random);
        HashEntry digest = Samples.Entry(_random, HashType.Sha256, "puppy");
        await fixture.LoadAsync("benign", Samples.Entry(hash, "kitten"), digest);
        return (hash, digest);
    }

    private static async Task<StageResult> StageAsync(
        CatalogFixture fixture, bool force, params HashEntry[] entries) => CatalogFixture.Value(
        await fixture.Catalog.StageAsync(
            "cases", Samples.Lines(entries), new StageOptions { Force = force }, null, Token));

    private static async Task<string> LastChangeAsync(CatalogFixture fixture)
    {
        IReadOnlyList<ListChange> changes = await fixture.Store.ReadChangesAsync("cases", 1, Token);
        return changes[0].What;
    }
}
