using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <summary>The tables of <see cref="SqliteListStore"/> and their version.</summary>
internal static class SqliteSchema
{
    /// <summary>Kept in `user_version`.</summary>
    public const int Version = 3;

    // "HMls": tells our files from other programs' in `file`.
    private const int ApplicationId = 0x484D6C73;

    // Large pages: a blob of 2 MiB is a chain of overflow pages.
    private const string Layout = "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL;";

    // Times are ticks (100 ns) of UTC. A blob's data is the last column, so that listing blobs reads no data pages.
    private const string Tables =
        """
        CREATE TABLE lists (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE changes (
            list TEXT NOT NULL, seq INTEGER NOT NULL, revision INTEGER NOT NULL,
            what TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (list, seq)) WITHOUT ROWID;
        CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), changes INTEGER NOT NULL);
        INSERT INTO counter VALUES (1, 0);
        CREATE TABLE blobs (
            number INTEGER PRIMARY KEY, list TEXT NOT NULL, id TEXT NOT NULL, written_at INTEGER NOT NULL,
            data BLOB NOT NULL);
        CREATE UNIQUE INDEX blobs_by_list ON blobs (list, id);
        CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, document BLOB NOT NULL);
        """;

    // What version 2 has and version 1 has not.
    private const string Documents =
        """
        CREATE TABLE documents (
            grp TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL, content BLOB NOT NULL,
            PRIMARY KEY (grp, key)) WITHOUT ROWID;
        CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
        """;

    // What version 3 has besides. A subject's record is its number, ':' and its hash.
    private const string Audit =
        """
        CREATE TABLE audit (seq INTEGER PRIMARY KEY, record BLOB NOT NULL);
        CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), head TEXT NOT NULL);
        INSERT INTO audit_head VALUES (1, '');
        CREATE TABLE audit_subjects (subject TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE audit_checkpoints (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
        """;

    /// <summary>Creates the tables in a new file, or checks that an old one is ours.</summary>
    /// <exception cref="StoreUnavailableException">The file has a newer version.</exception>
    /// <exception cref="StoreCorruptException">The file is another program's.</exception>
    public static void Ensure(SqliteConnection connection, string path)
    {
        // A file that has pages keeps the layout it was made with.
        Execute(connection, Layout);
        Execute(connection, "PRAGMA journal_mode = WAL;");
        if (Accept(connection, path) == Version)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        long version = Accept(connection, path);
        if (version == 0)
            Execute(connection, Tables);
        if (version < 2)
            Execute(connection, Documents);
        if (version < Version)
        {
            Execute(connection, Audit);
            Execute(connection,
                $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
        }
        transaction.Commit();
    }

    /// <returns>The file's version; 0 when it is new and empty.</returns>
    private static long Accept(SqliteConnection connection, string path)
    {
        long version = Read(connection, "PRAGMA user_version;");
        if (version == 0 && Read(connection, "SELECT count(*) FROM sqlite_schema;") == 0)
            return 0;
        if (Read(connection, "PRAGMA application_id;") != ApplicationId || version < 1)
        {
            throw new StoreCorruptException(
                $"{path} is an SQLite file that HashMatch did not make; name another folder.");
        }
        if (version > Version)
        {
            throw new StoreUnavailableException(
                $"{path} has format {version}, and this version of HashMatch knows formats up to {Version}; "
                + "run a newer HashMatch.");
        }
        return version;
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
