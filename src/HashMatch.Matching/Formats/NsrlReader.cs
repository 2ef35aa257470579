using System.Runtime.CompilerServices;
using HashMatch.Matching.Lists;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HashMatch.Matching.Formats;

/// <summary>
/// NSRL RDS v3: digests of known software in an SQLite database, row by row from a cursor that only goes forward. The
/// database is opened to be read and as one that does not change: nothing is written beside it.
/// </summary>
internal sealed class NsrlReader
{
    /// <summary>The first bytes of an SQLite database.</summary>
    public static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    // What SQLite holds of one text or row.
    private const int MaxValueBytes = 1024 * 1024;
    private const int RowsPerBreath = 4096;
    private const string Known = "known";

    // Full sets keep digests in METADATA; minimal ones have FILE alone.
    private static readonly string[] Tables = ["METADATA", "FILE", "DISTINCT_HASH"];

    private static readonly (string Column, HashType Type)[] Digests =
        [("sha256", HashType.Sha256), ("sha1", HashType.Sha1), ("md5", HashType.Md5)];

    private readonly RecordLines _lines = new();

    /// <param name="path">Where the database lies; empty when it is a stream only.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async IAsyncEnumerable<ListLine> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (path.Length == 0)
        {
            yield return new ListLine(1, null, "an NSRL database cannot be read from a pipe: name its file");
            yield break;
        }

        NsrlReader reader = new();
        using SqliteConnection connection = new(AddressOf(path));
        using SqliteCommand command = connection.CreateCommand();
        ListLine? broken = reader.Open(connection, command, out SqliteDataReader? rows);
        using SqliteDataReader? open = rows;
        long taken = 0;
        while (broken is null && reader.TryRead(open!, out broken))
        {
            foreach (ListLine line in reader._lines.Lines)
            {
                yield return line;
            }

            // SQLite answers without waiting: others get their turn.
            if (++taken % RowsPerBreath == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        if (broken is not null)
        {
            yield return broken.Value;
        }
    }

    private static string AddressOf(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = $"{new Uri(System.IO.Path.GetFullPath(path)).AbsoluteUri}?immutable=1",
        Mode = SqliteOpenMode.ReadOnly,
        Pooling = false,
    }.ToString();

    private ListLine? Open(SqliteConnection connection, SqliteCommand command, out SqliteDataReader? rows)
    {
        rows = null;
        try
        {
            connection.Open();
            _ = raw.sqlite3_limit(connection.Handle, raw.SQLITE_LIMIT_LENGTH, MaxValueBytes);
            command.CommandText = "PRAGMA trusted_schema=OFF; PRAGMA query_only=ON; PRAGMA cell_size_check=ON;";
            command.ExecuteNonQuery();
            if (FindTable(command) is not { } select)
            {
                return new ListLine(
                    1, null, $"the database has no table {string.Join(" or ", Tables)} with sha256, sha1 or md5");
            }

            command.CommandText = select;
            rows = command.ExecuteReader();
            return null;
        }
        catch (SqliteException broken)
        {
            return Broken(broken);
        }
    }

    private ListLine Broken(SqliteException broken) => new(
        Math.Max(_lines.Count, 1),
        null,
        $"after record {_lines.Count}: the database cannot be read: {broken.Message}; nothing behind it was read");

    private static string? FindTable(SqliteCommand command)
    {
        foreach (string table in Tables)
        {
            command.CommandText = $"SELECT lower(name) FROM pragma_table_info('{table}')";
            HashSet<string> columns = [];
            using (SqliteDataReader names = command.ExecuteReader())
            {
                while (names.Read())
                {
                    columns.Add(names.GetString(0));
                }
            }

            string[] digests = [.. Digests.Select(digest => digest.Column)];
            if (digests.Any(columns.Contains))
            {
                string id = columns.Contains("package_id") ? "package_id" : "NULL";
                IEnumerable<string> wanted = digests.Select(name => columns.Contains(name) ? name : "NULL");
                return $"SELECT {string.Join(", ", wanted)}, {id} FROM {table}";
            }
        }

        return null;
    }

    private bool TryRead(SqliteDataReader rows, out ListLine? broken)
    {
        broken = null;
        try
        {
            if (!rows.Read())
            {
                return false;
            }

            // Rows have no lines: their number stands for it.
            _lines.Begin(_lines.Count + 1);
            for (int i = 0; i < Digests.Length; i++)
            {
                if (TextOf(rows, i) is { Length: > 0 } text)
                {
                    _lines.Add(Digests[i].Type, text);
                }
            }

            _lines.Classification = Known;
            _lines.ExternalId = TextOf(rows, Digests.Length);
        }
        catch (SqliteException error)
        {
            broken = Broken(error);
            return false;
        }

        _lines.End();
        return true;
    }

    private string TextOf(SqliteDataReader rows, int column)
    {
        switch (rows.GetValue(column))
        {
            case string text:
                return text;
            case long number:
                return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            case DBNull:
                return "";
            default:
                _lines.Fail($"{rows.GetName(column)} is no text");
                return "";
        }
    }
}
