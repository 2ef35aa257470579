using HashMatch.Matching.Auditing;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <content>The audit log: a record is written in the transaction of its change.</content>
public sealed partial class SqliteListStore
{
    private const int ConstraintError = 19;

    /// <inheritdoc/>
    public bool WritesRecordWithChange => true;

    /// <inheritdoc/>
    public Task<AuditRecord> AppendAuditAsync(AuditEntry entry, CancellationToken cancellation) =>
        _file.WriteAsync(connection => Append(connection, entry, found: null, state: ""), cancellation);

    /// <inheritdoc/>
    public Task<AuditHead> ReadAuditHeadAsync(CancellationToken cancellation) =>
        _file.ReadAsync(ReadHead, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return _file.ReadAsync<IReadOnlyList<StoredAudit>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT seq, record FROM audit WHERE seq > $after ORDER BY seq LIMIT $limit",
                    ("$after", after), ("$limit", limit));
                return ReadAll(command, row => new StoredAudit(row.GetInt64(0), row.GetFieldValue<byte[]>(1)));
            },
            cancellation);
    }

    /// <inheritdoc/>
    public Task<AuditedSubject> ReadAuditedAsync(string subject, CancellationToken cancellation) =>
        _file.ReadAsync(
            connection =>
            {
                const string ListPrefix = "list:";
                bool isList = subject.StartsWith(ListPrefix, StringComparison.Ordinal);
                string group = subject.Split(':')[0];
                string key = subject[Math.Min(group.Length + 1, subject.Length)..];

                // SQLite keeps a value of any type in any column, and a name of another type is another name, which
                // who reads all rows takes for this one.
                using SqliteCommand command = isList
                    ? Command(connection,
                        """
                        SELECT document, typeof(name) = 'text' FROM lists
                        WHERE name IN ($name, CAST($name AS BLOB))
                        """,
                        ("$name", key))
                    : Command(connection,
                        """
                        SELECT content, typeof(key) = 'text' FROM documents
                        WHERE grp = $group AND key IN ($key, CAST($key AS BLOB))
                        """,
                        ("$group", group), ("$key", key));
                List<(byte[] Document, bool IsNamed)> rows = ReadAll(
                    command, row => (row.GetFieldValue<byte[]>(0), row.GetBoolean(1)));
                string state = rows switch
                {
                    [] => "",
                    [(byte[] document, true)] =>
                        isList ? AuditRecord.DigestOf(document) : AuditRecord.StateOf(group, document),
                    _ => AuditedSubject.Odd,
                };
                string? record = RecordOf(connection, subject);
                return new AuditedSubject(record is "" ? null : AuditHead.Parse(record), state);
            },
            cancellation);

    /// <inheritdoc/>
    public Task<bool> TryAppendCheckpointAsync(
        long number, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellation) =>
        _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "INSERT INTO audit_checkpoints VALUES ($number, $content) ON CONFLICT DO NOTHING",
                    ("$number", number), ("$content", StoreArguments.ToArray(checkpoint)));
                return command.ExecuteNonQuery() == 1;
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadCheckpointsAsync(CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<ReadOnlyMemory<byte>>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT content FROM audit_checkpoints ORDER BY number");
                return ReadAll(command, row => new ReadOnlyMemory<byte>(row.GetFieldValue<byte[]>(0)));
            },
            cancellation);

    /// <summary>Records a change in its own transaction.</summary>
    private void Record(SqliteConnection connection, AuditEntry entry, string state)
    {
        long found = AuditHead.Parse(RecordOf(connection, entry.Subject))?.Sequence ?? 0;
        AuditRecord record = Append(connection, entry, found, state);
        using SqliteCommand command = Command(connection,
            "INSERT OR REPLACE INTO audit_subjects VALUES ($subject, $record)",
            ("$subject", entry.Subject), ("$record", record.Head.ToString()));
        command.ExecuteNonQuery();
    }

    private AuditRecord Append(SqliteConnection connection, AuditEntry entry, long? found, string state)
    {
        AuditRecord record = AuditRecord.After(ReadHead(connection), entry, found, state, _time.GetUtcNow());
        using SqliteCommand command = Command(connection,
            """
            INSERT INTO audit VALUES ($seq, $record);
            UPDATE audit_head SET head = $head;
            """,
            ("$seq", record.Sequence), ("$record", record.Encode()), ("$head", record.Head.ToString()));
        try
        {
            command.ExecuteNonQuery();
            return record;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == ConstraintError)
        {
            throw new StoreCorruptException($"The audit log goes on behind its head, record {record.Sequence}.", e);
        }
    }

    private static AuditHead ReadHead(SqliteConnection connection)
    {
        using SqliteCommand command = Command(connection, "SELECT head FROM audit_head");
        return command.ExecuteScalar() is string text && AuditHead.Parse(text) is { } head
            ? head
            : throw new StoreCorruptException("The audit log's head is not what was written.");
    }

    private static string? RecordOf(SqliteConnection connection, string subject)
    {
        using SqliteCommand command = Command(connection,
            "SELECT record FROM audit_subjects WHERE subject = $subject", ("$subject", subject));
        return ReadAll(command, row => row.GetString(0)).FirstOrDefault();
    }
}
