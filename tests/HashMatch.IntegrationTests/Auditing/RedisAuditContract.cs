using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>The audit log over a redis-server.</summary>
public sealed class RedisAuditContract(RedisServerFixture fixture) : AuditContract, IClassFixture<RedisServerFixture>
{
    private string _configuration = "";

    protected override async Task ResetAsync() =>
        _configuration = (await fixture.EmptyAsync(Cancellation)).Address["redis:".Length..];

    protected override async Task<IListStore> OpenStoreAsync() =>
        await RedisListStore.OpenAsync(_configuration, TimeProvider.System);

    protected override Task ReplaceAsync(long sequence, byte[] record) =>
        RedisTampering.ReplaceAsync(_configuration, sequence, record);

    protected override Task DeleteAsync(long sequence) =>
        RedisTampering.SendAsync(_configuration, "XDEL", "hm:{audit}:log", $"{sequence}-0");

    protected override Task SetHeadAsync(string head) =>
        RedisTampering.SendAsync(_configuration, "SET", "hm:{audit}:head", head);

    protected override Task SetDocumentAsync(string list, byte[] document) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "doc", document);

    protected override Task SetRevisionAsync(string list, long revision) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "rev", revision);

    protected override Task SetListNamedAsync(string list, string record) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "audit", record);

    protected override Task SetNamedAsync(string group, string key, string record) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{g:{group}}}:audit", key, record);

    protected override Task DeleteCheckpointAsync(long number) =>
        RedisTampering.SendAsync(_configuration, "XDEL", "hm:{audit}:checkpoints", $"{number}-0");

    [Fact]
    public async Task A_record_whose_change_was_not_made_is_pending_and_void_once_another_was()
    {
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));

        // The change's script fails behind the record, as a server that was killed in between would leave it.
        await RedisTampering.SendAsync(_configuration, "RENAME", "hm:{l:a}:log", "hm:{l:a}:aside");
        await RedisTampering.SendAsync(_configuration, "SET", "hm:{l:a}:log", "x");
        await Assert.ThrowsAsync<StoreCorruptException>(() => catalog.UpdateAsync(
            "a", new ListUpdate { Description = "lost" }, Cancellation));
        Assert.Equal("Done Pending", await EffectsAsync());
        await NamedAloneAsync(2, "Record 2 of list:a is pending");
        await RedisTampering.SendAsync(_configuration, "RENAME", "hm:{l:a}:aside", "hm:{l:a}:log");
        Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = "made" }, Cancellation));
        Assert.Equal("Done Void Done", await EffectsAsync());
        await WholeAsync();
    }

    [Fact]
    public async Task A_list_whose_name_or_document_or_revision_is_gone_is_found()
    {
        Ok(await CatalogOf("alice").CreateAsync("a", "", new MatchPolicy(), Cancellation));
        await RedisTampering.SendAsync(_configuration, "SREM", "hm:{catalog}:lists", "a");
        await NamedAloneAsync(1, "list:a is missing among the store's names of lists");
        await RedisTampering.SendAsync(_configuration, "SADD", "hm:{catalog}:lists", "a");
        await WholeAsync();
        await RedisTampering.SendAsync(_configuration, "HDEL", "hm:{l:a}:doc", "rev");
        await NamedAloneAsync(1, "list:a is not as record 1 left it");
        await RedisTampering.SendAsync(_configuration, "DEL", "hm:{l:a}:doc");
        await NamedAloneAsync(1, "Record 1 of list:a is pending");
    }

    [Fact]
    public async Task A_change_whose_record_is_there_is_waited_for()
    {
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));
        StoredList before = (await Store.ReadListAsync("a", Cancellation))!;
        string record = (await Store.ReadAuditAsync(0, 1, Cancellation))
            .Select(each => AuditRecord.Decode(each.Record.Span)!.Head.ToString()).Single();
        Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = "x" }, Cancellation));
        StoredList after = (await Store.ReadListAsync("a", Cancellation))!;
        string last = (await Store.ReadAuditHeadAsync(Cancellation)).ToString();
        await PutAsync(before, record);
        Task<AuditReport> verifying = Log.VerifyAsync([], [], null, Cancellation);
        await Task.Delay(300, Cancellation);
        Assert.False(verifying.IsCompleted);
        await PutAsync(after, last);
        Assert.Empty((await verifying).Faults);
    }

    [Fact]
    public async Task A_list_that_was_written_without_a_record_is_found()
    {
        Ok(await CatalogOf("alice").CreateAsync("a", "", new MatchPolicy(), Cancellation));
        await RedisTampering.SendAsync(_configuration, "HDEL", "hm:{l:a}:doc", "audit");
        AuditReport report = await Log.VerifyAsync([], [], null, Cancellation);
        Assert.Contains(report.Faults, fault => fault.What.Contains("list:a", StringComparison.Ordinal));
        await RedisTampering.SendAsync(_configuration, "SADD", "hm:{catalog}:lists", "b");
        await RedisTampering.SendAsync(_configuration, "HSET", "hm:{l:b}:doc", "rev", 1, "doc", "{}");
        report = await Log.VerifyAsync([], [], null, Cancellation);
        Assert.Contains(report.Faults, fault => fault.What.Contains("list:b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_document_without_its_revision_is_found_and_its_record_named()
    {
        CallerCatalog callers = new CallerCatalog(Store, TimeProvider.System).As("carol");
        CallerDefinition matcher = new() { Roles = ["matcher"] };
        Assert.NotNull((await callers.AddAsync("m", matcher, ApiKey.Create(), Cancellation)).Caller);
        await RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{g:{CallerCatalog.Group}}}:docs", "m", "{}");
        await NamedAloneAsync(1, "callers:m is not as record 1 left it");
        await RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{g:{CallerCatalog.Group}}}:docs", "evil", "{}");
        AuditReport report = await Log.VerifyAsync([], [], null, Cancellation);
        Assert.Contains(report.Faults, fault => fault.What.Contains("callers:evil", StringComparison.Ordinal));
        Assert.Equal(2, report.FaultCount);
    }

    [Fact]
    public async Task A_log_whose_last_record_was_deleted_takes_no_other_in_its_place()
    {
        Ok(await CatalogOf("alice").CreateAsync("a", "", new MatchPolicy(), Cancellation));
        await DeleteAsync(1);
        await SetHeadAsync("");
        StoreCorruptException e = await Assert.ThrowsAsync<StoreCorruptException>(
            () => CatalogOf("bob").CreateAsync("b", "", new MatchPolicy(), Cancellation));
        Assert.Contains("audit log", e.Message, StringComparison.Ordinal);
        Assert.Single(await Store.ReadListsAsync(Cancellation));
    }

    [Fact]
    public async Task A_log_whose_head_is_no_head_takes_no_change()
    {
        Ok(await CatalogOf("alice").CreateAsync("a", "", new MatchPolicy(), Cancellation));
        await SetHeadAsync("nonsense");
        await using IListStore other = await OpenStoreAsync();
        await Assert.ThrowsAsync<StoreCorruptException>(() => new ListCatalog(other, TimeProvider.System).UpdateAsync(
            "a", new ListUpdate { Description = "x" }, Cancellation));
        Assert.Equal("", Ok(await CatalogOf("alice").ReadAsync("a", Cancellation)).Description);
    }

    private Task PutAsync(StoredList list, string record) => RedisTampering.SendAsync(
        _configuration, "HSET", $"hm:{{l:{list.Name}}}:doc",
        "rev", list.Revision, "doc", list.Document.ToArray(), "audit", record);

    private async Task<string> EffectsAsync() => string.Join(
        ' ', (await Log.ReadAsync(0, 10, "list:a", Cancellation)).Select(view => view.Effect));
}
