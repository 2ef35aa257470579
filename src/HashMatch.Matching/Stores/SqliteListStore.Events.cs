using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <content>Events that are appended once.</content>
public sealed partial class SqliteListStore
{
    // Places of logs are documents: the log's id, the place as revision, and when it was written.
    private const string LogGroup = "event-logs";

    /// <inheritdoc/>
    public Task<long> AppendEventsOnceAsync(
        string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation)
    {
        StoreArguments.CheckLog(log, first);
        return events.Count == 0
            ? _file.ReadAsync(connection => ReadPlace(connection, log), cancellation)
            : _file.WriteAsync(connection => AppendOnce(connection, log, first, events), cancellation);
    }

    private static long ReadPlace(SqliteConnection connection, string log)
    {
        using SqliteCommand command = Command(connection,
            "SELECT revision FROM documents WHERE grp = $group AND key = $key", ("$group", LogGroup), ("$key", log));
        return command.ExecuteScalar() is long place ? place : 0;
    }

    private long AppendOnce(
        SqliteConnection connection, string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        long place = ReadPlace(connection, log);
        ReadOnlyMemory<byte>[] fresh =
            [.. events.Skip((int)Math.Clamp(place - first + 1, 0, events.Count))];
        if (fresh.Length == 0)
            return place;
        Append(connection, fresh);
        place = first + events.Count - 1;
        long now = _time.GetUtcNow().UtcTicks;
        using SqliteCommand move = Command(connection,
            """
            INSERT INTO documents VALUES ($group, $key, $place, $now)
                ON CONFLICT (grp, key) DO UPDATE SET revision = excluded.revision, content = excluded.content;
            DELETE FROM documents WHERE grp = $group AND content < $oldest;
            """,
            ("$group", LogGroup), ("$key", log), ("$place", place), ("$now", Sortable(now)),
            ("$oldest", Sortable(now - StoreArguments.EventLogLife.Ticks)));
        move.ExecuteNonQuery();
        return place;
    }

    private int Append(SqliteConnection connection, IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        using SqliteCommand insert = Command(connection,
            "INSERT INTO events (document) VALUES ($document) RETURNING number", ("$document", ""));
        long last = 0;
        foreach (ReadOnlyMemory<byte> document in events)
        {
            insert.Parameters["$document"].Value = StoreArguments.ToArray(document);
            last = (long)insert.ExecuteScalar()!;
        }
        using SqliteCommand trim = Command(connection,
            "DELETE FROM events WHERE number <= $oldest", ("$oldest", last - _maxEvents));
        return trim.ExecuteNonQuery();
    }

    // SQLite orders blobs by their bytes.
    private static byte[] Sortable(long ticks)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, ticks);
        return bytes;
    }
}
