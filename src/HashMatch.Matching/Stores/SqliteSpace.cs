using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <summary>Gives the space of deleted blobs back to the file system.</summary>
internal static class SqliteSpace
{
    // 16 MiB of pages a turn: other writers wait no longer than for that.
    private const int PagesATurn = 1024;

    // Readers come and go in milliseconds; one that stays must not hold up writers.
    private const int CheckpointWaitMs = 200;

    /// <summary>
    /// Shortens the file by its free pages, a turn at a time, once more of it is free than used: moving pages costs as
    /// much as writing them, and the next load fills free ones.
    /// </summary>
    public static async Task GiveBackAsync(SqliteFile file, CancellationToken cancellation)
    {
        if (!await file.ReadAsync(IsMostlyFree, cancellation).ConfigureAwait(false))
            return;
        while (await file.WriteOutsideAsync(Shorten, cancellation).ConfigureAwait(false))
        {
        }
        await file.WriteOutsideAsync(CutLog, cancellation).ConfigureAwait(false);
    }

    private static bool IsMostlyFree(SqliteConnection connection)
    {
        long free = Pragma(connection, "freelist_count");
        return free > PagesATurn && free * 2 > Pragma(connection, "page_count");
    }

    /// <returns>Whether free pages remain that another turn would give back.</returns>
    private static bool Shorten(SqliteConnection connection)
    {
        long before = Pragma(connection, "freelist_count");
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA incremental_vacuum({PagesATurn});";
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            // It frees one page a step.
            while (reader.Read())
            {
            }
        }
        long after = Pragma(connection, "freelist_count");
        return after > 0 && after < before;
    }

    // A reader under way keeps its part of the log; the next checkpoint takes that.
    private static int CutLog(SqliteConnection connection)
    {
        long wait = Pragma(connection, "busy_timeout");
        Pragma(connection, string.Create(CultureInfo.InvariantCulture, $"busy_timeout = {CheckpointWaitMs}"));
        try
        {
            return (int)Pragma(connection, "wal_checkpoint(TRUNCATE)");
        }
        finally
        {
            Pragma(connection, string.Create(CultureInfo.InvariantCulture, $"busy_timeout = {wait}"));
        }
    }

    private static long Pragma(SqliteConnection connection, string pragma)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma};";
        return (long)command.ExecuteScalar()!;
    }
}
