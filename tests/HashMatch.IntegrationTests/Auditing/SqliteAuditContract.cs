using System.Text;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;
using Microsoft.Data.Sqlite;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>The audit log over SQLite.</summary>
public sealed class SqliteAuditContract : AuditContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task ResetAsync() => Task.CompletedTask;

    protected override Task<IListStore> OpenStoreAsync() =>
        Task.FromResult<IListStore>(SqliteListStore.Open(_folder["data"], TimeProvider.System));

    protected override Task ReplaceAsync(long sequence, byte[] record) =>
        ExecuteAsync("INSERT OR REPLACE INTO audit VALUES ($a, $b)", sequence, record);

    protected override Task DeleteAsync(long sequence) =>
        ExecuteAsync("DELETE FROM audit WHERE seq = $a", sequence, "");

    protected override Task SetHeadAsync(string head) => ExecuteAsync("UPDATE audit_head SET head = $a", head, "");

    protected override Task SetDocumentAsync(string list, byte[] document) =>
        ExecuteAsync("UPDATE lists SET document = $b WHERE name = $a", list, document);

    protected override Task SetRevisionAsync(string list, long revision) =>
        ExecuteAsync("UPDATE lists SET revision = $b WHERE name = $a", list, revision);

    protected override Task SetListNamedAsync(string list, string record) => ExecuteAsync(
        "UPDATE audit_subjects SET record = $b WHERE subject = $a", AuditEntry.OfList(list), record);

    protected override Task SetNamedAsync(string group, string key, string record) => ExecuteAsync(
        "UPDATE audit_subjects SET record = $b WHERE subject = $a", AuditEntry.OfDocument(group, key), record);

    protected override Task DeleteCheckpointAsync(long number) =>
        ExecuteAsync("DELETE FROM audit_checkpoints WHERE number = $a", number, "");

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    public async Task A_log_with_a_record_below_the_first_is_not_signed(long place)
    {
        using SigningKey key = SigningKey.Create();
        await LoadAsync(CatalogOf("alice"), "a", SampleEntries.Make(seed: 96, 5));
        byte[] record = (await Store.ReadAuditAsync(0, 1, Cancellation))[0].Record.ToArray();
        foreach (long signed in (long[])[3, 4])
        {
            await ReplaceAsync(place, record);
            AuditSigning refused = await Log.SignAsync(key, Cancellation);
            Assert.Null(refused.Made);
            Assert.Contains("no record's number", Assert.Single(refused.Report.Faults).What, StringComparison.Ordinal);
            await DeleteAsync(place);
            Assert.Equal(signed, (await Log.SignAsync(key, Cancellation)).Made?.Sequence);
            await CatalogOf("alice").UpdateAsync("a", new ListUpdate { Description = $"{signed}" }, Cancellation);
        }
    }

    [Fact]
    public async Task What_is_put_there_as_another_type_or_without_a_byte_or_under_a_name_of_another_type_is_found()
    {
        await LoadAsync(CatalogOf("alice"), "a", SampleEntries.Make(seed: 95, 20));
        CallerCatalog callers = new CallerCatalog(Store, TimeProvider.System).As("carol");
        CallerDefinition matcher = new() { Roles = ["matcher"] };
        Assert.NotNull((await callers.AddAsync("m", matcher, ApiKey.Create(), Cancellation)).Caller);
        StoredDocument own = (await Store.ReadDocumentAsync(CallerCatalog.Group, "m", Cancellation))!;
        string text = Encoding.UTF8.GetString(own.Content.Span);

        // The bytes are the same to whoever reads them.
        await ExecuteAsync("UPDATE documents SET content = CAST(content AS TEXT)", "", "");
        await ExecuteAsync("UPDATE lists SET document = CAST(document AS TEXT)", "", "");
        await WholeAsync();
        await ExecuteAsync(
            "UPDATE documents SET content = $b WHERE key = $a", "m",
            text.Replace("matcher", "auditor", StringComparison.Ordinal));
        await NamedAloneAsync(4, "callers:m is not as record 4");
        await ExecuteAsync("UPDATE documents SET content = $b WHERE key = $a", "m", text);
        await WholeAsync();
        foreach (object content in (object[])[text, "", Array.Empty<byte>()])
        {
            await ExecuteAsync("INSERT INTO documents VALUES ('callers', $a, 1, $b)", "evil", content);
            await NamedAloneAsync(0, "callers:evil has no record");
            await ExecuteAsync("DELETE FROM documents WHERE key = $a", "evil", "");
            await ExecuteAsync("INSERT INTO lists VALUES ($a, 1, $b)", "evil", content);
            await NamedAloneAsync(0, "list:evil has no record");
            await ExecuteAsync("DELETE FROM lists WHERE name = $a", "evil", "");
            await ExecuteAsync("INSERT INTO documents VALUES ('callers', CAST($a AS BLOB), 1, $b)", "evil", content);
            await NamedAloneAsync(0, "callers:evil has no record");
            await ExecuteAsync("DELETE FROM documents WHERE key = CAST($a AS BLOB)", "evil", "");
        }

        await ExecuteAsync("INSERT INTO documents VALUES ('callers', CAST($a AS BLOB), 1, $b)", "m", text);
        await NamedAloneAsync(4, "callers:m is not as record 4");
        await ExecuteAsync("DELETE FROM documents WHERE key = CAST($a AS BLOB)", "m", "");
        await ExecuteAsync("UPDATE lists SET name = CAST(name AS BLOB)", "", "");
        Assert.Contains((await Log.VerifyAsync([], [], null, Cancellation)).Faults, fault =>
            fault.What.StartsWith("list:a is not as record 3", StringComparison.Ordinal));
        await ExecuteAsync("UPDATE lists SET name = CAST(name AS TEXT)", "", "");
        await ExecuteAsync("UPDATE audit_subjects SET record = CAST(record AS BLOB)", "", "");
        await WholeAsync();
        await ExecuteAsync("UPDATE audit_subjects SET record = '' WHERE subject = $a", "callers:m", "");
        await NamedAloneAsync(0, "callers:m names a record that is none");
        await ExecuteAsync("DELETE FROM audit_subjects WHERE subject = $a", "callers:m", "");
        await ExecuteAsync("DELETE FROM documents WHERE key = $a", "m", "");
        await NamedAloneAsync(4, "callers:m names none of its records");
    }

    [Fact]
    public async Task A_blob_of_another_type_is_not_what_was_written()
    {
        await LoadAsync(CatalogOf("alice"), "a", SampleEntries.Make(seed: 96, 20));
        await ExecuteAsync("UPDATE blobs SET data = $a", "text", "");
        AuditReport report = await Log.VerifyAsync([], [], null, Cancellation);
        Assert.Equal(3, Assert.Single(report.Faults).First);
        Assert.Contains("is not what was written", report.Faults[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_under_no_number_and_a_head_that_is_gone_are_found_and_hide_nothing_else()
    {
        Ok(await CatalogOf("alice").CreateAsync("a", "", new MatchPolicy(), Cancellation));
        byte[] record = (await Store.ReadAuditAsync(0, 1, Cancellation))[0].Record.ToArray();
        foreach (long place in (long[])[0, -5])
        {
            await ReplaceAsync(place, record);
            await NamedAloneAsync(0, $"stored as {place}");
            await DeleteAsync(place);
        }

        await ExecuteAsync("DELETE FROM audit_head", "", "");
        await NamedAloneAsync(0, "head");
        await SetDocumentAsync("a", "{}"u8.ToArray());
        AuditReport report = await Log.VerifyAsync([], [], null, Cancellation);
        Assert.Equal([0, 1], report.Faults.Select(fault => fault.First));
    }

    private async Task ExecuteAsync(string sql, object a, object b)
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder["data"], SqliteListStore.FileName)};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$a", a);
        command.Parameters.AddWithValue("$b", b);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
