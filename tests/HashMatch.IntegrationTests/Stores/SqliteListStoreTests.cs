using System.Runtime.Versioning;
using System.Text;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Microsoft.Data.Sqlite;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>What is SQLite's alone: the file, its faults, its space.</summary>
public sealed class SqliteListStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Folder => _folder["data"];

    private string Database => Path.Combine(Folder, SqliteListStore.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_folder_and_its_files_are_their_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows folders inherit their rights.");
        await using SqliteListStore store = Open();
        Assert.True(await WriteAsync(store, "a", 0));
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        string[] files = Directory.GetFiles(Folder);
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(Owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Ten_who_open_a_new_folder_at_once_all_get_the_same_store()
    {
        SqliteListStore[] stores = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(Open)));
        bool[] created = await Task.WhenAll(stores.Select(store => WriteAsync(store, "a", 0)));
        Assert.Single(created, true);
        foreach (SqliteListStore store in stores)
            await store.DisposeAsync();
    }

    [Theory]
    [InlineData("/proc/hashmatch")]
    [InlineData("/dev/null/hashmatch")]
    public void A_folder_that_cannot_be_made_is_unavailable(string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc and /dev.");
        StoreUnavailableException e = Assert.Throws<StoreUnavailableException>(
            () => SqliteListStore.Open(folder, TimeProvider.System));
        Assert.Contains(folder, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_read_only_folder_is_unavailable()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName != "root", "Root may write anywhere.");
        await Open().DisposeAsync();
        File.SetUnixFileMode(Database, UnixFileMode.UserRead);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Throws<StoreUnavailableException>(Open);
        }
        finally
        {
            File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_folder_in_the_files_place_is_unavailable()
    {
        Directory.CreateDirectory(Database);
        Assert.Throws<StoreUnavailableException>(Open);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void A_file_of_something_else_is_corrupt_and_left_as_it_is(int length)
    {
        Directory.CreateDirectory(Folder);
        byte[] bytes = Encoding.ASCII.GetBytes(new string('x', length));
        File.WriteAllBytes(Database, bytes);
        StoreCorruptException e = Assert.Throws<StoreCorruptException>(Open);
        Assert.Contains("Move it", e.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(Database));
    }

    [Fact]
    public void Another_programs_database_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Folder);
        Execute("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);");
        StoreCorruptException e = Assert.Throws<StoreCorruptException>(Open);
        Assert.Contains("HashMatch did not make", e.Message, StringComparison.Ordinal);
        Execute("INSERT INTO theirs VALUES (2);");
    }

    [Fact]
    public async Task A_file_of_format_1_gets_what_it_lacks_and_keeps_what_it_has()
    {
        await using (SqliteListStore store = Open())
            Assert.True(await WriteAsync(store, "a", 0));
        Execute(
            "DROP TABLE documents; DROP TABLE leases; DROP TABLE audit; DROP TABLE audit_head; "
            + "DROP TABLE audit_subjects; DROP TABLE audit_checkpoints; PRAGMA user_version = 1;");
        await using SqliteListStore again = Open();
        Assert.Single(await again.ReadListsAsync(Cancellation));
        Assert.True(await again.TryWriteDocumentAsync(new("g", "k", 1, new byte[1]), 0, Cancellation));
        Assert.Equal("me", await again.LeaseAsync("l", "me", TimeSpan.FromHours(1), Cancellation));
        Assert.True(await WriteAsync(again, "a", 1));
        Assert.Equal(1, (await again.ReadAuditHeadAsync(Cancellation)).Sequence);
    }

    [Fact]
    public async Task A_newer_format_is_unavailable_and_says_so()
    {
        await Open().DisposeAsync();
        Execute("PRAGMA user_version = 99;");
        StoreUnavailableException e = Assert.Throws<StoreUnavailableException>(Open);
        Assert.Contains("99", e.Message, StringComparison.Ordinal);
        Assert.Contains("newer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_inside_the_file_is_corrupt()
    {
        await using (SqliteListStore store = Open())
        {
            Assert.True(await WriteAsync(store, "a", 0));
            await store.WriteBlobAsync("a", Guid.NewGuid().ToString("N"), new byte[500_000], Cancellation);
        }
        byte[] bytes = await File.ReadAllBytesAsync(Database, Cancellation);
        bytes.AsSpan(16384).Fill(0xFF);
        await File.WriteAllBytesAsync(Database, bytes, Cancellation);
        await using SqliteListStore damaged = Open();
        await Assert.ThrowsAsync<StoreCorruptException>(() => damaged.ReadListsAsync(Cancellation));
        await Assert.ThrowsAsync<StoreCorruptException>(() => damaged.ReadBlobsAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_file_that_another_process_keeps_locked_is_unavailable_until_it_lets_go()
    {
        await using SqliteListStore store = SqliteListStore.Open(
            Folder, TimeProvider.System, 100, TimeSpan.FromMilliseconds(100));
        using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction transaction = other.BeginTransaction(deferred: false);
            StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(
                () => WriteAsync(store, "a", 0));
            Assert.Contains("locked", e.Message, StringComparison.Ordinal);
            Assert.Empty(await store.ReadListsAsync(Cancellation));
        }
        Assert.True(await WriteAsync(store, "a", 0));
    }

    [Fact]
    public async Task A_big_load_keeps_the_log_short_and_deleting_gives_the_space_back()
    {
        await using SqliteListStore store = Open();
        string kept = Guid.NewGuid().ToString("N");
        string[] ids = [.. Enumerable.Range(0, 40).Select(_ => Guid.NewGuid().ToString("N"))];
        byte[] data = new byte[2 * 1024 * 1024];
        foreach (string id in ids)
            await store.WriteBlobAsync("a", id, data, Cancellation);
        await store.WriteBlobAsync("b", kept, data, Cancellation);
        Assert.InRange(new FileInfo(Database + "-wal").Length, 0, 32 * 1024 * 1024);
        Assert.True(SizeOfFolder() > 40L * data.Length);
        await store.DeleteBlobsAsync("a", ids, Cancellation);
        Assert.InRange(SizeOfFolder(), data.Length, 2L * data.Length);
        Assert.Equal(data, await store.ReadBlobAsync("b", kept, Cancellation));
    }

    [Fact]
    public async Task A_change_wakes_a_watch_of_the_same_store_without_a_poll()
    {
        await using SqliteListStore store = SqliteListStore.Open(Folder, new FrozenTime());
        await using IAsyncEnumerator<bool> watch = store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        Task<bool> next = watch.MoveNextAsync().AsTask();
        Assert.True(await WriteAsync(store, "a", 0));
        Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    [Fact]
    public async Task Calls_after_closing_throw()
    {
        SqliteListStore store = Open();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ReadListsAsync(Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => WriteAsync(store, "a", 0));
    }

    private static Task<bool> WriteAsync(SqliteListStore store, string name, long expected) =>
        store.TryWriteListAsync(
            new StoredList(name, expected + 1, "{}"u8.ToArray()), expected,
            new ListChange(name, expected + 1, "updated", DateTimeOffset.UnixEpoch), Cancellation);

    private SqliteListStore Open() => SqliteListStore.Open(Folder, TimeProvider.System);

    private long SizeOfFolder() => new DirectoryInfo(Folder).GetFiles().Sum(file => file.Length);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
