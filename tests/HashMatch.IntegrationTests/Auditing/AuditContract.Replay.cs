using System.Text;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <content>Older states, put back together with the records that left them.</content>
public abstract partial class AuditContract
{
    private const string PutBack = "older state was put back";

    [Fact]
    public async Task A_callers_older_state_that_is_put_back_with_its_record_is_found_though_the_log_is_signed()
    {
        using SigningKey key = SigningKey.Create();
        CallerCatalog callers = new CallerCatalog(Store, TimeProvider.System).As("carol");
        CallerDefinition matcher = new() { Roles = ["matcher"] };
        Assert.NotNull((await callers.AddAsync("m", matcher, ApiKey.Create(), Cancellation)).Caller);
        StoredDocument first = (await Store.ReadDocumentAsync(CallerCatalog.Group, "m", Cancellation))!;
        byte[] other = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(first.Content.Span)
            .Replace("matcher", "auditor", StringComparison.Ordinal));
        AuditEntry audit = new("carol", "updated", "", AuditDetail.None);
        StoredDocument second = first with { Revision = 2, Content = other };
        Assert.True(await Store.TryWriteDocumentAsync(second, 1, audit, Cancellation));
        StoredDocument third = first with { Revision = 3 };
        Assert.True(await Store.TryWriteDocumentAsync(third, 2, audit, Cancellation));
        Assert.Equal(3, (await Log.SignAsync(key, Cancellation)).Made?.Sequence);
        await WholeAsync(key);
        string[] heads = await HeadsAsync();

        Assert.True(await Store.TryWriteDocumentAsync(second with { Revision = 4 }, 3, Cancellation));
        await SetNamedAsync(CallerCatalog.Group, "m", heads[1]);
        await NamedAloneAsync(3, PutBack);
        Assert.True(await Store.TryWriteDocumentAsync(first with { Revision = 5 }, 4, Cancellation));
        await SetNamedAsync(CallerCatalog.Group, "m", heads[0]);
        await NamedAloneAsync(3, PutBack);
        await SetNamedAsync(CallerCatalog.Group, "m", heads[2]);
        await WholeAsync(key);

        // One that was revoked.
        Assert.True(await Store.TryDeleteDocumentAsync(
            CallerCatalog.Group, "m", 5, audit with { Action = AuditEntry.Deleted }, Cancellation));
        await WholeAsync(key);
        Assert.True(await Store.TryWriteDocumentAsync(first, 0, Cancellation));
        await SetNamedAsync(CallerCatalog.Group, "m", heads[2]);
        await NamedAloneAsync(4, PutBack);
    }

    [Fact]
    public async Task A_lists_older_state_that_is_put_back_with_its_record_is_found_though_the_log_is_signed()
    {
        using SigningKey key = SigningKey.Create();
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));
        List<StoredList> states = [(await Store.ReadListAsync("a", Cancellation))!];
        foreach (string description in (string[])["x", "y"])
        {
            Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = description }, Cancellation));
            states.Add((await Store.ReadListAsync("a", Cancellation))!);
        }

        Assert.Equal(3, (await Log.SignAsync(key, Cancellation)).Made?.Sequence);
        string[] heads = await HeadsAsync();
        for (int state = 0; state < 3; state++)
        {
            await SetDocumentAsync("a", states[state].Document.ToArray());
            await SetRevisionAsync("a", states[state].Revision);
            await SetListNamedAsync("a", heads[state]);
            await (state < 2 ? NamedAloneAsync(3, PutBack) : WholeAsync(key));
        }
    }

    [Fact]
    public async Task An_older_state_that_was_changed_again_is_found_where_a_record_is_written_with_its_change()
    {
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));
        StoredList older = (await Store.ReadListAsync("a", Cancellation))!;
        Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = "x" }, Cancellation));
        string[] heads = await HeadsAsync();
        await SetDocumentAsync("a", older.Document.ToArray());
        await SetRevisionAsync("a", older.Revision);
        await SetListNamedAsync("a", heads[0]);
        Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = "y" }, Cancellation));
        // Elsewhere the record between is one whose change lost to another.
        await (Store.WritesRecordWithChange ? NamedAloneAsync(3, PutBack) : WholeAsync());
    }

    [Fact]
    public async Task A_revision_that_is_set_beside_a_lists_document_is_found_and_the_record_named()
    {
        await LoadAsync(CatalogOf("alice"), "a", Lists.SampleEntries.Make(seed: 94, 20));
        long revision = (await Store.ReadListAsync("a", Cancellation))!.Revision;
        await SetRevisionAsync("a", 77);
        await NamedAloneAsync(3, "list:a is not as record 3 left it");
        await SetRevisionAsync("a", revision);
        await WholeAsync();
    }

    private async Task<string[]> HeadsAsync() =>
    [
        .. (await Store.ReadAuditAsync(0, 100, Cancellation))
            .Select(each => AuditRecord.Decode(each.Record.Span)!.Head.ToString()),
    ];
}
