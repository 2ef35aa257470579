using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace HashMatch.Matching.Stores;

/// <summary>
/// One SQLite file: its connections, one writer at a time in this process, and its faults as ours. Any number of
/// processes share the file; SQLite's own locks order them.
/// </summary>
internal sealed class SqliteFile : IAsyncDisposable
{
    private const int MaxIdleReaders = 8;

    /// <summary>How long a write waits for another process's; the longest of ours moves a few MiB.</summary>
    public static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly string _connectionString;
    private readonly TimeSpan _busyTimeout;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<SqliteConnection> _idleReaders = [];
    private SqliteConnection? _writer;
    private volatile bool _disposed;

    private SqliteFile(string path, TimeSpan busyTimeout)
    {
        _path = path;
        _busyTimeout = busyTimeout;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            // The client's own retries, by whole seconds, once SQLite's are over.
            DefaultTimeout = 1,
        }.ToString();
    }

    /// <summary>Opens the file, and makes it and its folder when they are not there, for the owner alone.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written, or is of a newer format.</exception>
    /// <exception cref="StoreCorruptException">It is no file of ours.</exception>
    public static SqliteFile Open(string folder, string name, TimeSpan busyTimeout)
    {
        var file = new SqliteFile(Create(folder, name), busyTimeout);
        try
        {
            file.Translate(() =>
            {
                file._writer = file.Connect();
                SqliteSchema.Ensure(file._writer, file._path);
                return true;
            });
            return file;
        }
        catch
        {
            file.Close();
            throw;
        }
    }

    /// <summary>Runs a query on a worker thread, in one read transaction.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellation) =>
        Task.Run(() => Translate(() => Read(query)), cancellation);

    /// <summary>Runs statements on a worker thread in one immediate transaction, which an exception rolls back.
    /// </summary>
    public Task<T> WriteAsync<T>(
        Func<SqliteConnection, T> statements, CancellationToken cancellation) =>
        WriteOutsideAsync(
            connection =>
            {
                using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
                T result = statements(connection);
                transaction.Commit();
                return result;
            },
            cancellation);

    /// <summary>Likewise for what manages transactions itself, such as a checkpoint.</summary>
    public async Task<T> WriteOutsideAsync<T>(Func<SqliteConnection, T> statements, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Translate(() => Write(statements)), CancellationToken.None)
                .ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Waits for the write that is under way; later calls throw.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Close();
        }
        finally
        {
            _writing.Release();
        }
    }

    private static string Create(string folder, string name)
    {
        string path = Path.Combine(Path.GetFullPath(folder), name);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            }
            else
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            if (!File.Exists(path))
                CreateFile(path);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{path} cannot be made: {e.Message}", e);
        }
    }

    // SQLite gives its -wal and -shm files the mode of the main file.
    private static void CreateFile(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }

    private void Close()
    {
        _disposed = true;
        while (_idleReaders.TryTake(out SqliteConnection? reader))
            reader.Dispose();
        _writer?.Dispose();
        _writer = null;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            // Checkpoints at 16 MiB of log, and a log that a big load made longer is cut back to that.
            command.CommandText =
                $"""
                PRAGMA busy_timeout = {(int)_busyTimeout.TotalMilliseconds};
                PRAGMA synchronous = FULL;
                PRAGMA temp_store = MEMORY;
                PRAGMA trusted_schema = OFF;
                PRAGMA wal_autocheckpoint = 1024;
                PRAGMA journal_size_limit = 16777216;
                """;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private T Read<T>(Func<SqliteConnection, T> query)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SqliteConnection reader = _idleReaders.TryTake(out SqliteConnection? idle) ? idle : Connect();
        bool keep = false;
        try
        {
            using SqliteTransaction transaction = reader.BeginTransaction(deferred: true);
            T result = query(reader);
            transaction.Commit();
            keep = !_disposed && _idleReaders.Count < MaxIdleReaders;
            return result;
        }
        finally
        {
            // A connection that failed is not trusted again.
            if (keep)
                _idleReaders.Add(reader);
            else
                reader.Dispose();
        }
    }

    private T Write<T>(Func<SqliteConnection, T> statements)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _writer ??= Connect();
        bool whole = false;
        try
        {
            T result = statements(_writer);
            whole = true;
            return result;
        }
        finally
        {
            if (!whole)
            {
                _writer.Dispose();
                _writer = null;
            }
        }
    }

    private T Translate<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is
            3 or 5 or 6 or 7 or 8 or 10 or 13 or 14 or 15 or 23)
        {
            // PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL, AUTH (sqlite.org/rescode.html).
            string why = e.SqliteErrorCode switch
            {
                5 or 6 => "another process keeps it locked",
                8 => "it is read-only",
                10 => "its disk fails",
                13 => "its disk is full",
                14 => "it cannot be opened",
                _ => "SQLite says " + e.Message,
            };
            throw new StoreUnavailableException($"{_path} does not answer: {why}.", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26)
        {
            // CORRUPT, NOTADB.
            throw new StoreCorruptException(
                $"{_path} is damaged or no SQLite file. Move it and its -wal and -shm files away, then restore a copy "
                + "or start anew and load the lists again.", e);
        }
    }
}
