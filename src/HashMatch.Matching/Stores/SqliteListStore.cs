using System.Globalization;
using System.Runtime.CompilerServices;
using HashMatch.Matching.Auditing;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <summary>
/// The embedded store: one SQLite file in a folder, durable (write-ahead log, full sync), shared by any number of
/// processes on one machine. The folder and the file are made for their owner alone.
/// </summary>
public sealed partial class SqliteListStore : IListStore
{
    /// <summary>The file's name in the folder.</summary>
    public const string FileName = "hashmatch.db";

    // Half of what WatchAsync promises would do; this keeps other processes' changes well under it.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly SqliteFile _file;
    private readonly TimeProvider _time;
    private readonly long _maxEvents;
    private readonly ChangeSignal _changed = new();

    private SqliteListStore(SqliteFile file, string folder, TimeProvider time, long maxEvents)
    {
        _file = file;
        _time = time;
        _maxEvents = maxEvents;
        Description = "SQLite in " + folder;
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Opens the store in a folder, which is made when it is not there.</summary>
    /// <param name="folder">A local disk; SQLite's log does not work over network file systems.</param>
    /// <param name="time">The store's clock.</param>
    /// <param name="maxEvents">Events that are kept; the oldest beyond are dropped.</param>
    /// <exception cref="StoreUnavailableException">The folder cannot be written, or holds a newer format.</exception>
    /// <exception cref="StoreCorruptException">The file is damaged, or another program's.</exception>
    public static SqliteListStore Open(
        string folder, TimeProvider time, long maxEvents = StoreArguments.MaxEvents) =>
        Open(folder, time, maxEvents, SqliteFile.DefaultBusyTimeout);

    /// <summary>Likewise, with how long a call waits for another process's write.</summary>
    internal static SqliteListStore Open(string folder, TimeProvider time, long maxEvents, TimeSpan busyTimeout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        return new SqliteListStore(SqliteFile.Open(folder, FileName, busyTimeout), folder, time, maxEvents);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredList>> ReadListsAsync(CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<StoredList>>(
            connection =>
            {
                using SqliteCommand command = Command(connection, "SELECT name, revision, document FROM lists");
                List<StoredList> lists = ReadAll(command, ReadList);
                lists.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
                return lists;
            },
            cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadListNamesAsync(CancellationToken cancellation) =>
        [.. (await ReadListsAsync(cancellation).ConfigureAwait(false)).Select(list => list.Name)];

    /// <inheritdoc/>
    public Task<StoredList?> ReadListAsync(string name, CancellationToken cancellation) =>
        _file.ReadAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT name, revision, document FROM lists WHERE name = $name", ("$name", name));
                return ReadAll(command, ReadList).FirstOrDefault();
            },
            cancellation);

    /// <inheritdoc/>
    public Task<bool> TryWriteListAsync(
        StoredList list, long expectedRevision, ListChange change, CancellationToken cancellation)
    {
        StoreArguments.CheckWrite(list, expectedRevision);
        const string Insert = "INSERT INTO lists VALUES ($name, $revision, $document) ON CONFLICT DO NOTHING";
        const string Update =
            "UPDATE lists SET revision = $revision, document = $document WHERE name = $name AND revision = $expected";
        return ChangeAsync(
            list.Name,
            connection =>
            {
                using SqliteCommand command = Command(connection, expectedRevision == 0 ? Insert : Update,
                    ("$name", list.Name), ("$revision", list.Revision),
                    ("$document", StoreArguments.ToArray(list.Document)));
                if (expectedRevision != 0)
                    command.Parameters.AddWithValue("$expected", expectedRevision);
                return command.ExecuteNonQuery() == 1;
            },
            change,
            AuditRecord.DigestOf(list.Document.Span),
            cancellation);
    }

    /// <inheritdoc/>
    public Task<bool> TryDeleteListAsync(
        string name, long expectedRevision, ListChange change, CancellationToken cancellation) =>
        ChangeAsync(
            name,
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "DELETE FROM lists WHERE name = $name AND revision = $expected",
                    ("$name", name), ("$expected", expectedRevision));
                return command.ExecuteNonQuery() == 1;
            },
            change,
            state: "",
            cancellation);

    /// <summary>Nothing: what was written is on disk.</summary>
    public Task ConfirmListAsync(string name, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<ListChange>> ReadChangesAsync(string name, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return _file.ReadAsync<IReadOnlyList<ListChange>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT revision, what, at FROM changes WHERE list = $list ORDER BY seq DESC LIMIT $limit",
                    ("$list", name), ("$limit", limit));
                return ReadAll(command, row => new ListChange(
                    name, row.GetInt64(0), row.GetString(1), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)));
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<bool> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        long? seen = null;
        while (true)
        {
            Task next = _changed.Next;
            long changes = await _file.ReadAsync(
                connection =>
                {
                    using SqliteCommand command = Command(connection, "SELECT changes FROM counter");
                    return (long)command.ExecuteScalar()!;
                },
                cancellation).ConfigureAwait(false);
            if (changes != seen)
            {
                seen = changes;
                yield return true;
                continue;
            }
            await Task.WhenAny(next, Task.Delay(PollInterval, _time, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public Task WriteBlobAsync(string list, string id, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        StoreArguments.CheckBlob(list, id, data);
        return _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    """
                    INSERT INTO blobs (list, id, written_at, data) VALUES ($list, $id, $at, $data)
                    ON CONFLICT (list, id) DO UPDATE SET written_at = excluded.written_at, data = excluded.data
                    """,
                    ("$list", list), ("$id", id), ("$at", _time.GetUtcNow().UtcTicks),
                    ("$data", StoreArguments.ToArray(data)));
                return command.ExecuteNonQuery();
            },
            cancellation);
    }

    /// <inheritdoc/>
    public Task<byte[]?> ReadBlobAsync(string list, string id, CancellationToken cancellation) =>
        _file.ReadAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT data FROM blobs WHERE list = $list AND id = $id", ("$list", list), ("$id", id));
                return ReadAll(command, row => row.GetFieldValue<byte[]>(0)).FirstOrDefault();
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadBlobOwnersAsync(CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<string>>(
            connection =>
            {
                using SqliteCommand command = Command(connection, "SELECT DISTINCT list FROM blobs");
                List<string> owners = ReadAll(command, row => row.GetString(0));
                owners.Sort(string.CompareOrdinal);
                return owners;
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredBlob>> ReadBlobsAsync(string list, CancellationToken cancellation) =>
        _file.ReadAsync<IReadOnlyList<StoredBlob>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT id, written_at FROM blobs WHERE list = $list ORDER BY number", ("$list", list));
                return ReadAll(command,
                    row => new StoredBlob(row.GetString(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero)));
            },
            cancellation);

    /// <inheritdoc/>
    public async Task DeleteBlobsAsync(
        string list, IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        int deleted = await _file.WriteAsync(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "DELETE FROM blobs WHERE list = $list AND id = $id", ("$list", list), ("$id", ""));
                int count = 0;
                foreach (string id in ids)
                {
                    command.Parameters["$id"].Value = id;
                    count += command.ExecuteNonQuery();
                }
                return count;
            },
            cancellation).ConfigureAwait(false);
        if (deleted > 0)
            await SqliteSpace.GiveBackAsync(_file, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task AppendEventsAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation) =>
        events.Count == 0
            ? Task.CompletedTask
            : _file.WriteAsync(connection => Append(connection, events), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        long number = 0;
        if (after is not null
            && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            throw new FormatException("An event's cursor in an SQLite store is a whole number.");
        }
        return _file.ReadAsync<IReadOnlyList<StoredEvent>>(
            connection =>
            {
                using SqliteCommand command = Command(connection,
                    "SELECT number, document FROM events WHERE number > $after ORDER BY number LIMIT $limit",
                    ("$after", number), ("$limit", limit));
                return ReadAll(command, row => new StoredEvent(
                    row.GetInt64(0).ToString(CultureInfo.InvariantCulture), row.GetFieldValue<byte[]>(1)));
            },
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private async Task<bool> ChangeAsync(
        string name,
        Func<SqliteConnection, bool> apply,
        ListChange change,
        string state,
        CancellationToken cancellation)
    {
        bool applied = await _file.WriteAsync(
            connection =>
            {
                if (!apply(connection))
                    return false;
                using SqliteCommand log = Command(connection,
                    """
                    INSERT INTO changes
                        SELECT $list, coalesce(max(seq), 0) + 1, $revision, $what, $at FROM changes WHERE list = $list;
                    DELETE FROM changes WHERE list = $list
                        AND seq <= (SELECT max(seq) FROM changes WHERE list = $list) - $keep;
                    UPDATE counter SET changes = changes + 1;
                    """,
                    ("$list", name), ("$revision", change.Revision), ("$what", change.What),
                    ("$at", change.At.UtcTicks), ("$keep", StoreArguments.MaxChanges));
                log.ExecuteNonQuery();
                Record(connection, change.ToAudit(), state);
                return true;
            },
            cancellation).ConfigureAwait(false);
        if (applied)
            _changed.Set();
        return applied;
    }

    // A command without a transaction named runs in the connection's current one.
    private static SqliteCommand Command(
        SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private static List<T> ReadAll<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private static StoredList ReadList(SqliteDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2));
}
