using HashMatch.Matching.Auditing;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <content>Documents that are no lists, and leases.</content>
public sealed partial class SqliteListStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDocument>> ReadDocumentsAsync(string group, CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<StoredDocument>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT key, revision, content FROM documents WHERE grp = $group", ("$group", group));
                List<StoredDocument> documents = ReadAll(command, row => ReadDocument(group, row));
                documents.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
                return documents;
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadDocumentKeysAsync(string group, CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<string>>(
            connection =>
            {
                using SqliteCommand command = Command(
                    connection, "SELECT key FROM documents WHERE grp = $group", ("$group", group));
                return ReadAll(command, row => row.GetString(0));
            },
            cancellation);

    /// <inheritdoc/>
    public Task<StoredDocument?> ReadDocumentAsync(string group, string key, CancellationToken cancellation) =>
        _file.ReadAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT key, revision, content FROM documents WHERE grp = $group AND key = $key",
                    ("$group", group), ("$key", key));
                return ReadAll(command, row => ReadDocument(group, row)).FirstOrDefault();
            },
            cancellation);

    /// <inheritdoc/>
    public Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, CancellationToken cancellation) =>
        ReplaceAsync(document, expectedRevision, audit: null, cancellation);

    /// <inheritdoc/>
    public Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, AuditEntry audit, CancellationToken cancellation) =>
        ReplaceAsync(document, expectedRevision, audit, cancellation);

    /// <inheritdoc/>
    public Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, CancellationToken cancellation) =>
        DeleteAsync(group, key, expectedRevision, audit: null, cancellation);

    /// <inheritdoc/>
    public Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, AuditEntry audit, CancellationToken cancellation) =>
        DeleteAsync(group, key, expectedRevision, audit, cancellation);

    /// <inheritdoc/>
    public Task<string> LeaseAsync(string name, string holder, TimeSpan time, CancellationToken cancellation) =>
        _file.WriteAsync(
            connection =>
            {
                long now = _time.GetUtcNow().UtcTicks;
                using SqliteCommand command = Command(connection,
                    """
                    INSERT INTO leases VALUES ($name, $holder, $until)
                    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                        WHERE holder = excluded.holder OR until <= $now OR until > $longest;
                    SELECT holder FROM leases WHERE name = $name;
                    """,
                    ("$name", name), ("$holder", holder), ("$until", now + time.Ticks), ("$now", now),
                    ("$longest", now + (2 * time.Ticks)));
                return (string)command.ExecuteScalar()!;
            },
            cancellation);

    /// <inheritdoc/>
    public Task ReleaseLeaseAsync(string name, string holder, CancellationToken cancellation) =>
        _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "DELETE FROM leases WHERE name = $name AND holder = $holder",
                    ("$name", name), ("$holder", holder));
                return command.ExecuteNonQuery();
            },
            cancellation);

    private Task<bool> ReplaceAsync(
        StoredDocument document, long expectedRevision, AuditEntry? audit, CancellationToken cancellation)
    {
        StoreArguments.CheckWrite(document, expectedRevision);
        const string Insert = "INSERT INTO documents VALUES ($group, $key, $revision, $content) ON CONFLICT DO NOTHING";
        const string Update =
            "UPDATE documents SET revision = $revision, content = $content "
            + "WHERE grp = $group AND key = $key AND revision = $expected";
        return _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection, expectedRevision == 0 ? Insert : Update,
                    ("$group", document.Group), ("$key", document.Key), ("$revision", document.Revision),
                    ("$content", StoreArguments.ToArray(document.Content)));
                if (expectedRevision != 0)
                    command.Parameters.AddWithValue("$expected", expectedRevision);
                return Recorded(
                    connection, command.ExecuteNonQuery() == 1, audit, document.Group, document.Key, document.Content);
            },
            cancellation);
    }

    private Task<bool> DeleteAsync(
        string group, string key, long expectedRevision, AuditEntry? audit, CancellationToken cancellation) =>
        _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "DELETE FROM documents WHERE grp = $group AND key = $key AND revision = $expected",
                    ("$group", group), ("$key", key), ("$expected", expectedRevision));
                return Recorded(connection, command.ExecuteNonQuery() == 1, audit, group, key, null);
            },
            cancellation);

    private bool Recorded(
        SqliteConnection connection,
        bool changed,
        AuditEntry? audit,
        string group,
        string key,
        ReadOnlyMemory<byte>? content)
    {
        if (changed && audit is not null)
        {
            Record(
                connection,
                audit with { Subject = AuditEntry.OfDocument(group, key) },
                AuditRecord.StateOf(group, content));
        }

        return changed;
    }

    private static StoredDocument ReadDocument(string group, SqliteDataReader row) =>
        new(group, row.GetString(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2));
}
