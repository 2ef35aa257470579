using System.Globalization;
using HashMatch.IntegrationTests.Lists;
using HashMatch.IntegrationTests.Stores;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>The audit log over a real store: no change without a record, one chain of all writers, every tampering
/// named.</summary>
public abstract partial class AuditContract : IAsyncLifetime
{
    private const int Writers = 8;

    private readonly List<IListStore> _opened = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    protected IListStore Store { get; private set; } = null!;

    private protected AuditLog Log => new(Store, TimeProvider.System);

    /// <summary>Empties the place that <see cref="OpenStoreAsync"/> opens.</summary>
    protected abstract Task ResetAsync();

    /// <summary>Opens the same place again, as another process would.</summary>
    protected abstract Task<IListStore> OpenStoreAsync();

    /// <summary>Changes a record behind the log, by who can write the store.</summary>
    protected abstract Task ReplaceAsync(long sequence, byte[] record);

    /// <summary>Deletes a record likewise.</summary>
    protected abstract Task DeleteAsync(long sequence);

    /// <summary>Sets the log's head likewise.</summary>
    protected abstract Task SetHeadAsync(string head);

    /// <summary>Sets a list's document likewise.</summary>
    protected abstract Task SetDocumentAsync(string list, byte[] document);

    /// <summary>Sets the revision that stands beside a list's document likewise.</summary>
    protected abstract Task SetRevisionAsync(string list, long revision);

    /// <summary>Sets the record that a list names likewise.</summary>
    protected abstract Task SetListNamedAsync(string list, string record);

    /// <summary>Sets the record that a document names likewise.</summary>
    protected abstract Task SetNamedAsync(string group, string key, string record);

    /// <summary>Deletes the last checkpoint likewise.</summary>
    protected abstract Task DeleteCheckpointAsync(long number);

    public async ValueTask InitializeAsync()
    {
        await ResetAsync();
        Store = await OpenAnotherAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IListStore store in _opened)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_change_of_a_list_is_recorded_with_who_and_how_many_and_no_value()
    {
        ListCatalog alice = CatalogOf("alice");
        HashEntry[] entries = SampleEntries.Make(seed: 71, 120);
        await LoadAsync(alice, "a", entries);
        Ok(await CatalogOf("bob").UpdateAsync("a", new ListUpdate { MaxDistance = 20 }, Cancellation));
        HashEntry more = SampleEntries.Make(seed: 72, 1)[0];
        Ok(await alice.AddEntriesAsync("a", [more], Cancellation));
        HashList list = Ok(await alice.RollBackAsync("a", null, null, Cancellation));
        QuarantinedEntry flooded = new(KeyOf(entries[0]).ToString(), DateTimeOffset.UnixEpoch, 1000, 1);
        Ok(await CatalogOf("server:quarantine").QuarantineAsync("a", list.Id, [flooded], Cancellation));
        Ok(await alice.ReleaseAsync("a", [KeyOf(entries[0])], Cancellation));
        Ok(await alice.DeleteVersionAsync("a", 2, Cancellation));
        long staged = await StageAsync(alice, "a", SampleEntries.Make(seed: 73, 3));
        Ok(await alice.RetireAsync("a", staged, Cancellation));
        Ok(await alice.DeleteAsync("a", null, Cancellation));

        IReadOnlyList<AuditView> views = await Log.ReadAsync(0, 1000, null, Cancellation);
        Assert.All(views, view => Assert.Equal(AuditEffect.Done, view.Effect));
        Assert.Equal(
            [
                "alice created", "alice staged", "alice activated", "bob updated", "alice edited", "alice rolled-back",
                "server:quarantine quarantined", "alice released", "alice deleted-version", "alice staged",
                "alice retired", "alice deleted",
            ],
            views.Select(view => $"{view.Record!.Actor} {view.Record.Action}"));
        Assert.Equal("31 -> 20", Detail(views[3], "policy.maxDistance"));
        Assert.Equal(("2", "121", "1"), (
            Detail(views[4], "version"), Detail(views[4], "entries"), Detail(views[4], "active_before")));
        Assert.Equal("1", Detail(views[6], "quarantined"));
        string all = string.Concat(views.Select(view => System.Text.Encoding.ASCII.GetString(view.Record!.Encode())));
        Assert.All(entries.Append(more), entry =>
        {
            Assert.DoesNotContain(entry.Value.ToHex(entry.Type), all, StringComparison.Ordinal);
            Assert.DoesNotContain($"\"{entry.ExternalId}\"", all, StringComparison.Ordinal);
        });
        await WholeAsync();
        Assert.InRange(all.Length / views.Count, 300, 1200);
        TestContext.Current.TestOutputHelper?.WriteLine($"{all.Length / views.Count} bytes a record");
    }

    [Fact]
    public async Task Documents_are_recorded_when_somebody_is_named_and_only_when_they_were_written()
    {
        AuditEntry audit = new("carol", "created", "", AuditDetail.Of(("role", "matcher")));
        Assert.True(await Store.TryWriteDocumentAsync(new("keys", "k", 1, new byte[1]), 0, audit, Cancellation));
        Assert.False(await Store.TryWriteDocumentAsync(new("keys", "k", 1, new byte[2]), 0, audit, Cancellation));
        Assert.True(await Store.TryWriteDocumentAsync(new("keys", "k", 2, new byte[3]), 1, Cancellation));
        Assert.False(await Store.TryDeleteDocumentAsync("keys", "k", 1, audit, Cancellation));
        Assert.True(await Store.TryDeleteDocumentAsync(
            "keys", "k", 2, audit with { Action = "revoked" }, Cancellation));
        Assert.True(await Store.TryWriteDocumentAsync(new("keys", "k", 1, new byte[1]), 0, audit, Cancellation));
        await Log.AppendAsync("carol", "looked", "keys:k", AuditDetail.None, Cancellation);
        IReadOnlyList<AuditView> views = await Log.ReadAsync(0, 10, "keys:k", Cancellation);
        Assert.Equal(
            ["created Done", "revoked Done", "created Done", "looked Noted"],
            views.Select(view => $"{view.Record!.Action} {view.Effect}"));
        Assert.Equal([3], (await Log.ReadAsync(2, 1, null, Cancellation)).Select(view => view.Place));
        Assert.Equal([4], (await Log.ReadAsync(-1, 1, null, Cancellation)).Select(view => view.Place));
        Assert.Equal([3, 4], (await Log.ReadAsync(-1, 2, "keys:k", Cancellation)).Select(view => view.Place));
        await WholeAsync();
    }

    [Fact]
    public async Task A_caller_that_is_changed_added_or_removed_behind_the_log_is_found_and_named()
    {
        CallerCatalog callers = new CallerCatalog(Store, TimeProvider.System).As("carol");
        foreach (string name in (string[])["m", "n"])
        {
            var matcher = new CallerDefinition { Roles = ["matcher"] };
            Assert.NotNull((await callers.AddAsync(name, matcher, ApiKey.Create(), Cancellation)).Caller);
        }

        await WholeAsync();
        StoredDocument own = (await Store.ReadDocumentAsync(CallerCatalog.Group, "m", Cancellation))!;
        string text = System.Text.Encoding.UTF8.GetString(own.Content.Span);
        byte[] changed = System.Text.Encoding.UTF8.GetBytes(
            text.Replace("matcher", "auditor", StringComparison.Ordinal));
        Assert.True(await Store.TryWriteDocumentAsync(own with { Content = changed, Revision = 2 }, 1, Cancellation));
        Assert.Contains((await VerifyAsync(null)).Faults, fault => fault.First == 1
            && fault.What.Contains("callers:m", StringComparison.Ordinal));
        Assert.True(await Store.TryWriteDocumentAsync(own with { Revision = 3 }, 2, Cancellation));
        await WholeAsync();

        Assert.True(await Store.TryWriteDocumentAsync(own with { Key = "evil", Revision = 1 }, 0, Cancellation));
        Assert.Contains((await VerifyAsync(null)).Faults, fault =>
            fault.What.Contains("callers:evil has no record", StringComparison.Ordinal));
        Assert.True(await Store.TryDeleteDocumentAsync(CallerCatalog.Group, "evil", 1, Cancellation));
        Assert.True(await Store.TryDeleteDocumentAsync(CallerCatalog.Group, "m", 3, Cancellation));
        Assert.Contains((await VerifyAsync(null)).Faults, fault => fault.First == 1
            && fault.What.Contains("callers:m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Eight_writers_at_once_make_one_chain_with_a_record_of_every_change_that_was_made()
    {
        const int Each = 12;
        Ok(await CatalogOf("zoe").CreateAsync("shared", "", new MatchPolicy(), Cancellation));
        int[] made = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            IListStore store = await OpenAnotherAsync();
            ListCatalog catalog = new ListCatalog(store, TimeProvider.System).As($"writer-{writer}");
            Ok(await catalog.CreateAsync($"own-{writer}", "", new MatchPolicy(), Cancellation));
            int done = 1;
            for (int i = 0; i < Each; i++)
            {
                string list = i % 2 == 0 ? "shared" : $"own-{writer}";
                string description = string.Create(CultureInfo.InvariantCulture, $"{writer} {i}");
                CatalogResult<HashList> changed = await catalog.UpdateAsync(
                    list, new ListUpdate { Description = description }, Cancellation);
                Assert.True(changed.IsOk || changed.Error == CatalogError.LostRace, changed.Message);
                done += changed.IsOk ? 1 : 0;
            }

            return done;
        }));

        AuditReport report = await WholeAsync();
        IReadOnlyList<AuditView> views = await Log.ReadAsync(0, 1000, null, Cancellation);
        Assert.Equal(report.Records, views.Count);
        Assert.Equal(made.Sum() + 1, views.Count(view => view.Effect == AuditEffect.Done));
        Assert.DoesNotContain(views, view => view.Effect is AuditEffect.Pending or AuditEffect.Unknown);
        HashList shared = Ok(await CatalogOf("zoe").ReadAsync("shared", Cancellation));
        Assert.Equal(shared.Revision, views.Count(
            view => view.Record!.Subject == "list:shared" && view.Effect == AuditEffect.Done));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{views.Count} records, {views.Count(view => view.Effect == AuditEffect.Void)} void");
    }

    [Fact]
    public async Task What_is_done_behind_the_log_is_found_and_named()
    {
        using SigningKey key = SigningKey.Create();
        ListCatalog catalog = CatalogOf("alice");
        foreach (string name in (string[])["a", "b", "c"])
            Ok(await catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation));
        Assert.NotNull((await Log.SignAsync(key, Cancellation)).Made);
        Assert.Null((await Log.SignAsync(key, Cancellation)).Made);
        for (int i = 0; i < 3; i++)
            Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = $"{i}" }, Cancellation));
        Assert.Equal(6, (await Log.SignAsync(key, Cancellation)).Made?.Sequence);
        Assert.Equal(6, (await WholeAsync(key)).SignedUpTo);
        AuditHead head = await Store.ReadAuditHeadAsync(Cancellation);
        byte[][] records = [.. (await Store.ReadAuditAsync(0, 10, Cancellation)).Select(r => r.Record.ToArray())];

        byte[] flipped = [.. records[1]];
        flipped[40] ^= 1;
        await ReplaceAsync(2, flipped);
        await NamedAsync(key, 2);
        await DeleteAsync(2);
        await NamedAsync(key, 2);
        await ReplaceAsync(2, records[1]);
        await WholeAsync(key);

        await SetDocumentAsync("b", System.Text.Encoding.UTF8.GetBytes("{}"));
        await NamedAsync(key, 2);
        Assert.Contains(
            (await VerifyAsync(key)).Faults, fault => fault.What.Contains("list:b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_cut_back_is_found_by_head_by_checkpoint_and_by_what_was_kept_elsewhere()
    {
        using SigningKey key = SigningKey.Create();
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));
        Ok(await catalog.CreateAsync("b", "", new MatchPolicy(), Cancellation));
        AuditHead middle = await Store.ReadAuditHeadAsync(Cancellation);
        Ok(await catalog.CreateAsync("c", "", new MatchPolicy(), Cancellation));
        AuditCheckpoint kept = (await Log.SignAsync(key, Cancellation)).Made!;
        await DeleteAsync(3);
        await NamedAsync(key, 3);
        await SetHeadAsync(middle.ToString());
        await NamedAsync(key, 3);
        await DeleteCheckpointAsync(1);
        Assert.Contains(
            (await Log.VerifyAsync([], [kept.Encode()], null, Cancellation)).Faults,
            fault => (fault.First, fault.Last) == (3, 3)
                && fault.What.Contains("kept elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_was_changed_is_not_signed()
    {
        using SigningKey key = SigningKey.Create();
        ListCatalog catalog = CatalogOf("alice");
        foreach (string name in (string[])["a", "b", "c"])
            Ok(await catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation));
        Assert.NotNull((await Log.SignAsync(key, Cancellation)).Made);
        foreach (string name in (string[])["d", "e", "f"])
            Ok(await catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation));
        await DeleteAsync(5);
        AuditSigning refused = await Log.SignAsync(key, Cancellation);
        Assert.Null(refused.Made);
        Assert.Contains(refused.Report.Faults, fault => fault.First == 5);
    }

    [Fact]
    public async Task A_version_that_is_deleted_while_it_is_verified_is_no_fault()
    {
        ListCatalog catalog = CatalogOf("alice");
        await LoadAsync(catalog, "a", SampleEntries.Make(seed: 75, 5));
        long staged = await StageAsync(catalog, "a", SampleEntries.Make(seed: 76, 5));
        await using var late = new LateStore(Store);
        late.BeforeBlob = async () => Ok(await catalog.DeleteVersionAsync("a", staged, Cancellation));
        AuditReport report = await new AuditLog(late, TimeProvider.System).VerifyAsync([], [], null, Cancellation);
        Assert.Equal(0, report.FaultCount);
        Assert.Null(late.BeforeBlob);
    }

    [Fact]
    public async Task An_exported_log_is_whole_and_its_checkpoints_can_be_kept()
    {
        using SigningKey key = SigningKey.Create();
        await LoadAsync(CatalogOf("alice"), "a", SampleEntries.Make(seed: 74, 5));
        await Log.SignAsync(key, Cancellation);
        using var file = new MemoryStream();
        AuditHead head = await AuditFile.WriteAsync(Store, file, null, Cancellation);
        Assert.Equal(3, head.Sequence);
        file.Position = 0;
        AuditReport report = await AuditFile.VerifyAsync(file, [key.Public], [], Cancellation);
        Assert.Equal((0L, 3L, 3L), (report.FaultCount, report.Records, report.SignedUpTo));
        Assert.Empty((await Log.VerifyAsync(
            [key.Public], AuditFile.CheckpointsOf(file.ToArray()), null, Cancellation)).Faults);
    }

    private protected ListCatalog CatalogOf(string actor) => new ListCatalog(Store, TimeProvider.System).As(actor);

    private protected static T Ok<T>(CatalogResult<T> result)
        where T : class
    {
        Assert.True(result.IsOk, result.Message);
        return result.Value;
    }

    private protected async Task<AuditReport> WholeAsync(SigningKey? key = null)
    {
        AuditReport report = await VerifyAsync(key);
        Assert.True(report.FaultCount == 0, string.Join(" | ", report.Faults.Select(fault => fault.What)));
        return report;
    }

    private protected static async Task LoadAsync(ListCatalog catalog, string name, HashEntry[] entries)
    {
        Ok(await catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation));
        long version = await StageAsync(catalog, name, entries);
        Ok(await catalog.ActivateAsync(name, version, null, Cancellation));
    }

    private static async Task<long> StageAsync(ListCatalog catalog, string name, HashEntry[] entries) =>
        Ok(await catalog.StageAsync(name, SampleEntries.LinesAsync(entries), new StageOptions(), null, Cancellation))
            .Version!.Number;

    private static EntryKey KeyOf(HashEntry entry) => new(entry.Type, entry.Value);

    private static string Detail(AuditView view, string name)
    {
        using var detail = System.Text.Json.JsonDocument.Parse(view.Record!.Detail);
        return detail.RootElement.GetProperty(name).ToString();
    }

    private Task<AuditReport> VerifyAsync(SigningKey? key) =>
        Log.VerifyAsync(key is null ? [] : [key.Public], [], null, Cancellation);

    private async Task NamedAsync(SigningKey key, long number)
    {
        AuditReport report = await VerifyAsync(key);
        Assert.True(
            report.Faults.Any(fault => fault.First <= number && number <= fault.Last),
            $"record {number}: {string.Join(" | ", report.Faults.Select(fault => fault.What))}");
    }

    private async Task<IListStore> OpenAnotherAsync()
    {
        IListStore store = await OpenStoreAsync();
        lock (_opened)
            _opened.Add(store);
        return store;
    }
}
