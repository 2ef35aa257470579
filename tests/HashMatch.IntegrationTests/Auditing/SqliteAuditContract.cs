using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;
using Microsoft.Data.Sqlite;

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

    protected override Task SetNamedAsync(string group, string key, string record) => ExecuteAsync(
        "UPDATE audit_subjects SET record = $b WHERE subject = $a", AuditEntry.OfDocument(group, key), record);

    protected override Task DeleteCheckpointAsync(long number) =>
        ExecuteAsync("DELETE FROM audit_checkpoints WHERE number = $a", number, "");

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
