using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Microsoft.Data.Sqlite;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class NsrlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hashmatch-nsrl-").FullName;
    private readonly Random _random = new(24);

    [Fact]
    public async Task A_full_set_is_read_from_its_metadata()
    {
        (string sha256, string sha1, string md5) = (Hex(HashType.Sha256), Hex(HashType.Sha1), Hex(HashType.Md5));
        string path = Database(
            "CREATE TABLE METADATA (metadata_id INTEGER PRIMARY KEY, object_id INTEGER, sha256 VARCHAR, sha1 VARCHAR, "
            + "md5 VARCHAR, extension VARCHAR, bytes INTEGER)",
            "CREATE TABLE PKG (package_id INTEGER, name VARCHAR)",
            "CREATE VIEW FILE AS SELECT sha256, sha1, md5, 'x' AS file_name, 1 AS package_id FROM METADATA",
            $"INSERT INTO METADATA VALUES (1, 1, '{sha256.ToUpperInvariant()}', '{sha1}', '{md5}', 'png', 12)",
            $"INSERT INTO METADATA VALUES (2, 1, NULL, '', '{Hex(HashType.Md5)}', 'png', 12)");
        byte[] before = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        List<ListLine> lines = await ReadAsync(path);
        Assert.All(lines, line => Assert.Equal("known", line.Entry?.Classification));
        Assert.Equal(
            [HashType.Sha256, HashType.Sha1, HashType.Md5, HashType.Md5], lines.Select(line => line.Entry!.Type));
        Assert.Equal(sha256, lines[0].Entry!.Value.ToHex(HashType.Sha256));
        Assert.Equal([1L, 1L, 1L, 2L], lines.Select(line => line.Line));
        Assert.Equal([Path.GetFileName(path)], Directory.GetFiles(_folder).Select(Path.GetFileName));
        Assert.Equal(before, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_minimal_set_names_its_packages()
    {
        string path = Database(
            "CREATE TABLE FILE (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INT, package_id INT)",
            "INSERT INTO FILE VALUES "
            + $"('{Hex(HashType.Sha256)}', '{Hex(HashType.Sha1)}', '{Hex(HashType.Md5)}', 'a', 1, 42)");
        Assert.Equal(["42", "42", "42"], (await ReadAsync(path)).Select(line => line.Entry!.ExternalId));
    }

    [Fact]
    public async Task A_bad_digest_costs_its_row()
    {
        string path = Database(
            "CREATE TABLE FILE (sha1 TEXT, md5 TEXT)",
            "INSERT INTO FILE VALUES ('no', NULL)",
            "INSERT INTO FILE VALUES (x'0001', NULL)",
            $"INSERT INTO FILE VALUES ('{Hex(HashType.Sha1)}', NULL)");
        List<ListLine> lines = await ReadAsync(path);
        Assert.Equal("record 1: sha1 value has 'n' at position 1, which is no hex digit", lines[0].Error);
        Assert.Equal("record 2: sha1 is no text", lines[1].Error);
        Assert.NotNull(lines[2].Entry);
    }

    [Fact]
    public async Task A_value_that_is_too_large_is_refused_within_bounds()
    {
        string path = Database(
            "CREATE TABLE FILE (sha1 TEXT)", "INSERT INTO FILE VALUES (hex(zeroblob(3000000)))");
        ListLine error = Assert.Single(await ReadAsync(path));
        Assert.Contains("the database cannot be read", error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE OTHER (a TEXT)", "has no table")]
    [InlineData("CREATE TABLE FILE (name TEXT)", "has no table")]
    public async Task Another_database_is_named_as_such(string table, string reason)
    {
        ListLine error = Assert.Single(await ReadAsync(Database(table)));
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_cut_off_is_refused()
    {
        string path = Database(
            "CREATE TABLE FILE (sha1 TEXT)",
            $"INSERT INTO FILE WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
            + "SELECT lower(hex(randomblob(20))) FROM n");
        using (FileStream file = new(path, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        List<ListLine> lines = await ReadAsync(path);
        Assert.Contains("the database cannot be read", lines[^1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_from_a_pipe_is_refused()
    {
        using MemoryStream pipe = new([.. "SQLite format 3\0"u8, .. new byte[100]]);
        ListLine error = Assert.Single(await Reading.LinesAsync(pipe));
        Assert.Contains("name its file", error.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<List<ListLine>> ReadAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        return await Reading.LinesAsync(file, new ListReadOptions { Path = path });
    }

    private string Database(params string[] statements)
    {
        string path = Path.Combine(_folder, "RDS 2026 #1 100%é.db");
        using SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        foreach (string statement in statements)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }

        return path;
    }

    private string Hex(HashType type) => Shapes.Hex(_random, type);
}
