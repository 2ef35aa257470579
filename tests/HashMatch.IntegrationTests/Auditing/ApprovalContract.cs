using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>Lists that need two persons, over a real store.</summary>
public abstract class ApprovalContract : IAsyncLifetime
{
    private const string Name = "a";

    private IListStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ListCatalog Alice => As("alice");

    private ListCatalog Bob => As("bob");

    /// <summary>The address of an empty store.</summary>
    protected abstract Task<string> EmptyStoreAsync();

    public async ValueTask InitializeAsync() => _store = await ListStores.OpenAsync(
        await EmptyStoreAsync(), TimeProvider.System, Cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_version_is_active_once_somebody_else_has_approved_it()
    {
        await CreateAsync();
        long version = await StageAsync(Alice, 81, 10);
        Refused(CatalogError.NeedsApproval, await Alice.ActivateAsync(Name, version, null, true, Cancellation));
        Refused(CatalogError.NeedsApproval, await Bob.RollBackAsync(Name, version, null, Cancellation));
        Refused(CatalogError.SelfApproval, await Alice.ApproveVersionAsync(Name, version, Cancellation));
        Refused(CatalogError.SelfApproval, await As("local:Alice").ApproveVersionAsync(Name, version, Cancellation));
        foreach (string nobody in (string[])["anonymous", "unknown", "", "exchange:x", "server:quarantine"])
            Refused(CatalogError.NotAPerson, await As(nobody).ApproveVersionAsync(Name, version, Cancellation));
        HashList approved = Ok(await Bob.ApproveVersionAsync(Name, version, Cancellation));
        Assert.Equal(("alice", "bob", 0L), (
            approved.Versions[0].StagedBy, approved.Versions[0].ApprovedBy, approved.ActiveVersion));
        Assert.NotNull(approved.Versions[0].ApprovedAt);
        HashList again = Ok(await As("carol").ApproveVersionAsync(Name, version, Cancellation));
        Assert.Equal(approved.Revision, again.Revision);
        Assert.Equal(version, Ok(await Alice.ActivateAsync(Name, version, null, Cancellation)).ActiveVersion);
        Refused(CatalogError.VersionNotStaged, await Bob.ApproveVersionAsync(Name, version, Cancellation));
        Refused(CatalogError.VersionNotFound, await Bob.ApproveVersionAsync(Name, 99, Cancellation));
    }

    [Fact]
    public async Task Edits_stage_and_do_not_undo_each_other()
    {
        await CreateActiveAsync();
        HashEntry[] more = SampleEntries.Make(seed: 82, 2);
        EditResult first = Ok(await Alice.AddEntriesAsync(Name, [more[0]], Cancellation));
        EditResult second = Ok(await Alice.AddEntriesAsync(Name, [more[1]], Cancellation));
        Assert.Equal((2L, 3L, 1L), (first.Staged, second.Staged, second.List.ActiveVersion));
        Refused(CatalogError.NeedsApproval, await Alice.ActivateAsync(Name, 2, null, Cancellation));
        Ok(await Bob.ApproveVersionAsync(Name, 2, Cancellation));
        Ok(await Bob.ApproveVersionAsync(Name, 3, Cancellation));
        Ok(await Bob.ActivateAsync(Name, 2, null, Cancellation));
        CatalogResult<HashList> lost = await Bob.ActivateAsync(Name, 3, null, Cancellation);
        Refused(CatalogError.LostRace, lost);
        Assert.Contains("undone", lost.Message, StringComparison.Ordinal);
        HashList list = Ok(await Alice.ReadAsync(Name, Cancellation));
        Assert.Equal(11, list.Versions.Single(version => version.Number == 2).Entries.Total);
        EditResult removed = Ok(await Alice.RemoveEntriesAsync(
            Name, [new EntryKey(more[0].Type, more[0].Value)], Cancellation));
        Assert.Equal((4L, 2L), (removed.Staged, removed.List.ActiveVersion));
    }

    [Fact]
    public async Task One_person_is_enough_to_go_back_to_what_was_active_before()
    {
        await CreateActiveAsync();
        long version = await StageAsync(Bob, 83, 12);
        Ok(await Alice.ApproveVersionAsync(Name, version, Cancellation));
        Ok(await Alice.ActivateAsync(Name, version, null, Cancellation));
        Assert.Equal(1, Ok(await Alice.RollBackAsync(Name, null, null, Cancellation)).ActiveVersion);
        Assert.Equal(2, Ok(await As("anonymous").RollBackAsync(Name, 2, null, Cancellation)).ActiveVersion);
    }

    [Fact]
    public async Task A_version_that_was_retired_before_it_was_active_has_lost_its_approval()
    {
        await CreateActiveAsync();
        long version = await StageAsync(Alice, 86, 12);
        Ok(await Bob.ApproveVersionAsync(Name, version, Cancellation));
        Ok(await Bob.RetireAsync(Name, version, Cancellation));
        Refused(CatalogError.NeedsApproval, await Alice.RollBackAsync(Name, version, null, Cancellation));
        Assert.Equal(1, Ok(await Alice.ReadAsync(Name, Cancellation)).ActiveVersion);
    }

    [Fact]
    public async Task Nobody_by_name_can_stage_or_propose()
    {
        await CreateActiveAsync();
        ListCatalog nobody = As("anonymous");
        CatalogResult<StageResult> staged = await nobody.StageAsync(
            Name, SampleEntries.LinesAsync(SampleEntries.Make(seed: 84, 3)), new StageOptions(), null, Cancellation);
        Assert.Equal(CatalogError.NotAPerson, staged.Error);
        Assert.Contains("anonymous", staged.Message, StringComparison.Ordinal);
        Assert.Equal(CatalogError.NotAPerson, (await nobody.AddEntriesAsync(
            Name, SampleEntries.Make(seed: 85, 1), Cancellation)).Error);
        Refused(CatalogError.NotAPerson, await nobody.UpdateAsync(
            Name, new ListUpdate { Approvals = 0 }, Cancellation));
        Refused(CatalogError.NotAPerson, await nobody.DeleteAsync(Name, null, Cancellation));
        Assert.Null(Ok(await Alice.ReadAsync(Name, Cancellation)).Pending);

        // What an exchange stages is of who set it up; nobody did.
        Assert.Equal(CatalogError.NotAPerson, (await As("exchange:x").StageAsync(
            Name, SampleEntries.LinesAsync(SampleEntries.Make(seed: 84, 3)),
            new StageOptions { OnBehalfOf = "unknown" }, null, Cancellation)).Error);
    }

    [Fact]
    public async Task What_an_exchange_stages_is_approved_by_somebody_else_than_who_set_it_up()
    {
        await CreateActiveAsync();
        long version = Ok(await As("exchange:x").StageAsync(
            Name, SampleEntries.LinesAsync(SampleEntries.Make(seed: 86, 11)),
            new StageOptions { OnBehalfOf = "alice" }, null, Cancellation)).Version!.Number;
        Refused(CatalogError.SelfApproval, await Alice.ApproveVersionAsync(Name, version, Cancellation));
        Ok(await Bob.ApproveVersionAsync(Name, version, Cancellation));
        Ok(await As("exchange:x").ActivateAsync(Name, version, null, Cancellation));
    }

    [Fact]
    public async Task Policy_and_the_need_itself_change_only_by_two()
    {
        await CreateActiveAsync();
        HashList asked = Ok(await Alice.UpdateAsync(Name, new ListUpdate { Approvals = 0 }, Cancellation));
        Assert.Equal((1, "alice", 0), (
            asked.Policy.Approvals, asked.Pending!.By, asked.Pending.Update!.Apply(asked.Policy).Approvals));
        Assert.Equal(asked.Revision, asked.Pending.Revision);
        Refused(CatalogError.SelfApproval, await Alice.ApproveChangeAsync(Name, asked.Revision, Cancellation));
        Refused(CatalogError.NotAPerson, await As("anonymous").ApproveChangeAsync(Name, asked.Revision, Cancellation));
        Ok(await Alice.UpdateAsync(Name, new ListUpdate { Description = "at once" }, Cancellation));

        // Another one takes its place: what was looked at is not what is approved.
        HashList again = Ok(await Alice.UpdateAsync(Name, new ListUpdate { MaxDistance = 0 }, Cancellation));
        Refused(CatalogError.LostRace, await Bob.ApproveChangeAsync(Name, asked.Revision, Cancellation));
        HashList changed = Ok(await Bob.ApproveChangeAsync(Name, again.Revision, Cancellation));
        Assert.Equal((0, 1, "at once"), (changed.Policy.MaxDistance, changed.Policy.Approvals, changed.Description));
        Assert.Null(changed.Pending);
        Refused(CatalogError.NothingToApprove, await Bob.ApproveChangeAsync(Name, again.Revision, Cancellation));
        HashList bad = Ok(await Bob.UpdateAsync(Name, new ListUpdate { Shadow = true }, Cancellation));
        Assert.Null(Ok(await Bob.RejectChangeAsync(Name, bad.Revision, Cancellation)).Pending);
        HashList off = Ok(await Bob.UpdateAsync(Name, new ListUpdate { Approvals = 0 }, Cancellation));
        Ok(await Alice.ApproveChangeAsync(Name, off.Revision, Cancellation));
        long version = await StageAsync(Alice, 87, 9);
        Ok(await Alice.ActivateAsync(Name, version, null, Cancellation));
    }

    [Fact]
    public async Task A_list_is_deleted_only_by_two()
    {
        await CreateActiveAsync();
        HashList asked = Ok(await Alice.DeleteAsync(Name, null, Cancellation));
        Assert.Null(asked.Pending!.Update);
        Refused(CatalogError.SelfApproval, await Alice.ApproveChangeAsync(Name, asked.Revision, Cancellation));
        Assert.NotNull((await _store!.ReadListAsync(Name, Cancellation))!);
        Ok(await Bob.ApproveChangeAsync(Name, asked.Revision, Cancellation));
        Assert.Null(await _store.ReadListAsync(Name, Cancellation));
        Assert.Empty(await _store.ReadBlobsAsync(Name, Cancellation));
    }

    [Fact]
    public async Task Of_two_who_approve_at_once_both_are_right_and_one_is_written()
    {
        await CreateActiveAsync();
        for (int round = 0; round < 5; round++)
        {
            long version = await StageAsync(Alice, 90 + round, 10 + round);
            CatalogResult<HashList>[] both = await Task.WhenAll(
                Bob.ApproveVersionAsync(Name, version, Cancellation),
                As("carol").ApproveVersionAsync(Name, version, Cancellation));
            Assert.All(both, each => Assert.True(each.IsOk, each.Message));
            HashList list = Ok(await Alice.ReadAsync(Name, Cancellation));
            Assert.True(list.Versions[0].ApprovedBy is "bob" or "carol");
            HashList asked = Ok(await Alice.UpdateAsync(
                Name, new ListUpdate { MinQuality = 40 + round }, Cancellation));
            both = await Task.WhenAll(
                Bob.ApproveChangeAsync(Name, asked.Revision, Cancellation),
                As("carol").ApproveChangeAsync(Name, asked.Revision, Cancellation));
            Assert.Single(both, each => each.IsOk);
            Refused(CatalogError.NothingToApprove, both.Single(each => !each.IsOk));
        }

        Assert.Equal(0, (await new AuditLog(_store!, TimeProvider.System).VerifyAsync(
            [], [], null, Cancellation)).FaultCount);
    }

    [Fact]
    public async Task Both_names_are_in_the_audit_log()
    {
        await CreateActiveAsync();
        HashList asked = Ok(await Alice.UpdateAsync(Name, new ListUpdate { MaxDistance = 5 }, Cancellation));
        Ok(await Bob.ApproveChangeAsync(Name, asked.Revision, Cancellation));
        IReadOnlyList<AuditView> views = await new AuditLog(_store!, TimeProvider.System).ReadAsync(
            0, 100, "list:a", Cancellation);
        Assert.Contains(views, view => view.Record is { Actor: "bob", Action: "approved" } approved
            && approved.Detail.Contains("\"staged_by\":\"alice\"", StringComparison.Ordinal));
        Assert.Contains(views, view => view.Record is { Actor: "alice", Action: "proposed" } proposed
            && proposed.Detail.Contains("31 -\\u003E 5", StringComparison.Ordinal));
        Assert.Contains(views, view => view.Record is { Actor: "bob", Action: "approved-change" } changed
            && changed.Detail.Contains("\"proposed_by\":\"alice\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_into_a_list_that_needs_two_waits()
    {
        await CreateActiveAsync();
        using var folder = new TemporaryFolder();
        await using IListStore other = await ListStores.OpenAsync(
            "sqlite:" + folder.Path, TimeProvider.System, Cancellation);
        ListCatalog target = new ListCatalog(other, TimeProvider.System).As("alice");
        HashList copy = Ok(await Alice.CopyAsync(Name, target, false, null, Cancellation));
        Assert.Equal((0L, VersionState.Staged), (copy.ActiveVersion, copy.Versions[0].State));
    }

    private ListCatalog As(string actor) => new ListCatalog(_store!, TimeProvider.System).As(actor);

    private async Task CreateAsync() => Ok(await Alice.CreateAsync(
        Name, "", new MatchPolicy { Approvals = 1 }, Cancellation));

    private async Task CreateActiveAsync()
    {
        await CreateAsync();
        long version = await StageAsync(Alice, 80, 10);
        Ok(await Bob.ApproveVersionAsync(Name, version, Cancellation));
        Ok(await Bob.ActivateAsync(Name, version, null, Cancellation));
    }

    private static async Task<long> StageAsync(ListCatalog catalog, int seed, int entries) => Ok(
        await catalog.StageAsync(
            Name, SampleEntries.LinesAsync(SampleEntries.Make(seed, entries)), new StageOptions(), null, Cancellation))
        .Version!.Number;

    private static T Ok<T>(CatalogResult<T> result)
        where T : class
    {
        Assert.True(result.IsOk, result.Message);
        return result.Value;
    }

    private static void Refused(CatalogError error, CatalogResult<HashList> result)
    {
        Assert.Equal(error, result.Error);
        Assert.Null(result.Value);
        Assert.NotEqual("", result.Message);
    }
}
