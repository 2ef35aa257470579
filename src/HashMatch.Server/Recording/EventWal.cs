using Microsoft.Win32.SafeHandles;

namespace HashMatch.Server.Recording;

/// <summary>
/// The write-ahead log: events that are on this machine's disk and not in the store yet, in files of one folder, in
/// order. One thread adds and commits, another reads and lets go. What fails is an answer and is said once;
/// the log is tried again with the next commit, a second later at the earliest.
/// </summary>
/// <param name="folder">Made when it is not there, for its owner alone; locked against other processes.</param>
/// <param name="maxBytes">Most that the files may take.</param>
/// <param name="time">Times the tries.</param>
/// <param name="logger">Told what fails.</param>
/// <param name="metrics">Likewise.</param>
/// <param name="sync">Puts a file's bytes on disk.</param>
internal sealed partial class EventWal(
    string folder,
    long maxBytes,
    TimeProvider time,
    ILogger logger,
    EventMetrics metrics,
    Action<SafeFileHandle> sync) : IDisposable
{
    private const string LockName = "lock";
    private const int LargestSegmentBytes = 16 << 20;
    private const int SmallestSegmentBytes = 64 << 10;

    // What others wait for is synced at once; of the rest no more than this is.
    private const int MaxUnsyncedBytes = 1 << 20;

    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly long _segmentBytes = Math.Clamp(maxBytes / 8, SmallestSegmentBytes, LargestSegmentBytes);

    // A process writes a log of its own: its places are new, whatever became of files that an earlier one wrote.
    private readonly Guid _log = Guid.NewGuid();

    // Also its own lock. Oldest first; the last may be the one that is written.
    private readonly List<WalSegment> _segments = [];

    // Every frame that is not known to be on disk, from the last sync on; those from _mark on are being committed.
    private byte[] _unsynced = new byte[SmallestSegmentBytes];
    private int _count;
    private int _mark;

    private long _place;
    private FileStream? _lock;
    private WalSegment? _current;
    private FileStream? _file;
    private long _length;
    private long _lastNumber;
    private long _failedAt;
    private volatile string? _problem;

    /// <summary>Why nothing can be put on disk now, for a person; null when nothing is known to be wrong.</summary>
    public string? Problem => _problem;

    /// <summary>What the files take.</summary>
    public long Bytes
    {
        get
        {
            lock (_segments)
            {
                return _segments.Sum(segment => segment.Bytes);
            }
        }
    }

    /// <summary>Takes the folder and finds what an earlier process left there.</summary>
    /// <returns>False when it cannot be used now.</returns>
    public bool TryOpen()
    {
        if (_lock is not null)
        {
            return true;
        }

        if (IsTooSoon())
        {
            return false;
        }

        try
        {
            Open();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lock?.Dispose();
            _lock = null;
            Fail(e.Message);
            return false;
        }
    }

    /// <summary>Adds an event to what is committed next.</summary>
    /// <param name="document">1 byte to <see cref="WalFrame.MaxDocumentBytes"/>.</param>
    /// <returns>Its place in this log.</returns>
    public long Add(ReadOnlySpan<byte> document)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(document.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document.Length, WalFrame.MaxDocumentBytes);
        int length = WalFrame.HeaderBytes + document.Length;
        if (_unsynced.Length - _count < length)
        {
            Array.Resize(ref _unsynced, Math.Max(_unsynced.Length * 2, _count + length));
        }

        Span<byte> frame = _unsynced.AsSpan(_count, length);
        document.CopyTo(frame[WalFrame.HeaderBytes..]);
        WalFrame.Seal(frame, ++_place, WalFrame.SeedOf(_log));
        _count += length;
        return _place;
    }

    /// <summary>Writes what was added since the last commit.</summary>
    /// <param name="durable">Whether to wait until it is on disk; else a kill of the process does not lose it, and a
    /// power cut may.</param>
    /// <returns>False when it could not be written, and put on disk if asked for; nothing of it is kept then.</returns>
    public bool TryCommit(bool durable)
    {
        if (TryWrite(durable))
        {
            if (_problem is not null)
            {
                logger.LogInformation("The write-ahead log of events takes them again");
                _problem = null;
            }

            return true;
        }

        TakeBack();
        return false;
    }

    /// <summary>Forgets what was added since the last commit. Its places are not given again: files may hold them all
    /// the same.</summary>
    public void TakeBack() => _count = _mark;

    /// <summary>Closes the files; those that were let go of are deleted. Nobody adds or reads any more.</summary>
    public void Dispose()
    {
        if (_lock is null)
        {
            return;
        }

        Close();
        DeleteRead();
        CloseReading();
        _lock.Dispose();
        _lock = null;
    }

    private void Open()
    {
        bool isNew = !Directory.Exists(folder);
        string path = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnFile | UnixFileMode.UserExecute);
        }

        if (isNew && Path.GetDirectoryName(path) is { } parent)
        {
            WalDisk.SyncFolder(parent);
        }

        _lock = OpenFile(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileShare.None);
        List<WalSegment> found = [];
        foreach (string file in Directory.EnumerateFiles(path, "*" + WalSegment.Extension))
        {
            if (WalSegment.OfFile(file) is { } segment)
            {
                ThrowIfNewer(file);
                segment.Bytes = new FileInfo(file).Length;
                segment.IsSealed = true;
                found.Add(segment);
            }
        }

        found.Sort((left, right) => left.Number.CompareTo(right.Number));
        lock (_segments)
        {
            _segments.AddRange(found);
        }

        _lastNumber = found.Count == 0 ? 0 : found[^1].Number;
    }

    private static void ThrowIfNewer(string file)
    {
        using SafeFileHandle opened = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
        byte[] header = new byte[WalSegment.HeaderBytes];
        if (WalSegment.IsNewer(header.AsSpan(0, RandomAccess.Read(opened, header, 0))))
        {
            throw new IOException("a newer version of HashMatch wrote it");
        }
    }

    private static FileStream OpenFile(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = share,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnFile;
        }

        return new FileStream(path, options);
    }

    private bool TryWrite(bool durable)
    {
        if ((_lock is null && !TryOpen()) || (_current is null && IsTooSoon()))
        {
            return false;
        }

        if (Bytes + _count - _mark > maxBytes)
        {
            Fail($"it holds what the store has not taken, and may take {maxBytes} bytes");
            return false;
        }

        try
        {
            Append(durable);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogError("The write-ahead log of events goes on in a new file: {Reason}", e.Message);
            metrics.WalFailed();
            Close();
        }

        try
        {
            // The system may take bytes that it failed to write for written: they are written again, elsewhere.
            Append(durable: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            _failedAt = time.GetTimestamp();
            Fail(e.Message);
            return false;
        }
    }

    private void Append(bool durable)
    {
        int from = _mark;
        if (_file is null)
        {
            Create();
            from = 0;
        }

        RandomAccess.Write(_file!.SafeFileHandle, _unsynced.AsSpan(from, _count - from), _length);
        _length += _count - from;
        bool isFull = _length >= _segmentBytes;
        if (durable || isFull || _count > MaxUnsyncedBytes)
        {
            long start = time.GetTimestamp();
            sync(_file.SafeFileHandle);
            metrics.Synced(time.GetElapsedTime(start));
            _count = 0;
            if (_unsynced.Length > 4 * MaxUnsyncedBytes)
            {
                _unsynced = new byte[SmallestSegmentBytes];
            }
        }

        _mark = _count;
        lock (_segments)
        {
            _current!.Bytes = _length;
        }

        if (isFull)
        {
            Close();
        }
    }

    private void Create()
    {
        long number = ++_lastNumber;
        string path = Path.Combine(folder, WalSegment.NameOf(number, _log));
        _file = OpenFile(path, FileMode.CreateNew, FileShare.ReadWrite | FileShare.Delete);
        _current = new WalSegment(path, number, _log) { Bytes = WalSegment.HeaderBytes };
        lock (_segments)
        {
            _segments.Add(_current);
        }

        RandomAccess.Write(_file.SafeFileHandle, WalSegment.HeaderOf(_log), 0);
        _length = WalSegment.HeaderBytes;
        WalDisk.SyncFolder(folder);
    }

    // What a commit that failed left behind the last whole one is cut off, where the disk lets it be.
    private void Close()
    {
        if (_file is not { } file || _current is not { } segment)
        {
            return;
        }

        _file = null;
        _current = null;
        try
        {
            using (file)
            {
                if (_length != segment.Bytes || file.Length != segment.Bytes)
                {
                    RandomAccess.SetLength(file.SafeFileHandle, segment.Bytes);
                }
            }
        }
        catch (IOException)
        {
            // It is not read further than that by this process, and a later one tells a torn tail.
        }

        lock (_segments)
        {
            segment.IsSealed = true;
            if (segment.Bytes > WalSegment.HeaderBytes)
            {
                return;
            }

            _segments.Remove(segment);
        }

        DeleteFile(segment);
    }

    private bool IsTooSoon() => _failedAt != 0 && time.GetElapsedTime(_failedAt) < RetryDelay;

    private void Fail(string reason)
    {
        metrics.WalFailed();
        if (_lock is null)
        {
            _failedAt = time.GetTimestamp();
        }

        if (_problem != reason)
        {
            logger.LogError("The write-ahead log of events takes none now: {Reason}", reason);
            _problem = reason;
        }
    }
}
