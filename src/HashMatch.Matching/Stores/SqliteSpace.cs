using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <summary>Gives the space of deleted blobs back to the file system.</summary>
internal static class SqliteSpace
{
    // 16 MiB of pages a turn: other writers wait no longer than for that.
    private const int PagesATurn = 1024;

    /// <summary>Shortens the file by its free pages, a turn at a time, then its log.</summary>
    public static async Task GiveBackAsync(SqliteFile file, CancellationToken cancellation)
    {
        while (await file.WriteOutsideAsync(Shorten, cancellation).ConfigureAwait(false))
        {
        }
        await file.WriteOutsideAsync(CutLog, cancellation).ConfigureAwait(false);
    }

    /// <returns>Whether free pages remain that another turn would give back.</returns>
    private static bool Shorten(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA freelist_count;";
        long before = (long)command.ExecuteScalar()!;
        if (before == 0)
            return false;
        command.CommandText = $"PRAGMA incremental_vacuum({PagesATurn});";
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            // It frees one page a step.
            while (reader.Read())
            {
            }
        }
        command.CommandText = "PRAGMA freelist_count;";
        long after = (long)command.ExecuteScalar()!;
        return after > 0 && after < before;
    }

    // A reader under way keeps its part of the log; the next checkpoint takes that.
    private static int CutLog(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);";
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? reader.GetInt32(0) : 0;
    }
}
