using System.Text.Json;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Recovery;

/// <summary>
/// A folder with the lists that a replica last matched against, for a start without the store. Blobs lie there by their
/// ids, so that a save writes what is new; `lists` names them and is replaced last. Under each key's id lies what is
/// sealed by it, under `plain` what is not. One process saves to a folder. Not for concurrent use.
/// </summary>
public sealed class SnapshotFolder : IDisposable
{
    private const string ListsName = "lists";
    private const string PlainName = "plain";
    private const string LockName = "lock";

    // Documents of thousands of lists; more would not be ours.
    private const int MaxListsBytes = 256 * 1024 * 1024;

    private readonly string _folder;
    private readonly string _inner;
    private readonly SnapshotKey? _key;
    private readonly long _maxBytes;
    private readonly FileStream _lock;
    private HashSet<string> _named = [];
    private ReplicaContent? _saved;

    private SnapshotFolder(string folder, SnapshotKey? key, long maxBytes, FileStream held)
    {
        _folder = folder;
        _inner = Path.Combine(folder, key?.Id ?? PlainName);
        _key = key;
        _maxBytes = maxBytes;
        _lock = held;
    }

    /// <summary>Bytes of the files that were last saved.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the store was last known to say what is saved; null when nothing was saved or read.</summary>
    public DateTimeOffset? InStepAt { get; private set; }

    /// <summary>Takes a folder, and makes it if it is not there.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="key">Owned; null: nothing is encrypted.</param>
    /// <param name="maxBytes">Lists that take more are not saved.</param>
    /// <exception cref="SnapshotUnusableException">It cannot be written to, or another process has it.</exception>
    public static SnapshotFolder Open(string folder, SnapshotKey? key, long maxBytes)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(
                    folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            FileStream held = new(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new SnapshotFolder(folder, key, maxBytes, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotUnusableException(
                "The folder of saved lists cannot be used: it cannot be written to, or another process has it.", e);
        }
    }

    /// <summary>What was saved last; null when nothing was. Blobs are looked at when they are restored.</summary>
    /// <exception cref="SnapshotUnusableException">It is damaged or sealed by another key.</exception>
    public SavedLists? Read()
    {
        string path = Path.Combine(_inner, ListsName);
        try
        {
            if (!File.Exists(path))
            {
                return Others().Any()
                    ? throw new SnapshotUnusableException("They are sealed by another key, or by none.")
                    : null;
            }

            byte[] content = Decode(ListsName, ReadFile(path, MaxListsBytes))
                ?? throw new SnapshotUnusableException("They are damaged.");
            SavedLists? saved = JsonSerializer.Deserialize(content, SavedJson.Default.SavedLists);
            if (saved is not { Format: SavedLists.CurrentFormat })
            {
                throw new SnapshotUnusableException("They have a format that this build does not read.");
            }

            InStepAt = saved.InStepAt;
            return saved;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SnapshotUnusableException("They cannot be read.", e);
        }
    }

    /// <summary>Has a replica match against saved lists, unless it has the store's.</summary>
    /// <returns>Whether it does.</returns>
    /// <exception cref="SnapshotUnusableException">They are not whole, or do not fit; the replica is as it was.
    /// </exception>
    public async Task<bool> RestoreAsync(SavedLists saved, ListReplica replica, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(replica);
        try
        {
            return await replica.RestoreAsync(saved, ReadBlobAsync, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (
            e is StoreCorruptException or IndexTooLargeException or IOException or UnauthorizedAccessException)
        {
            throw new SnapshotUnusableException($"They cannot be matched against: {e.Message}", e);
        }
    }

    /// <summary>Saves what a replica matches against: what is not there yet is read from the store once more. Does
    /// nothing while the replica is not in step.</summary>
    /// <returns>Whether it was saved.</returns>
    /// <exception cref="SnapshotUnusableException">It takes more than it may, or the disk does not take it; what was
    /// saved before is as it was.</exception>
    /// <exception cref="StoreUnavailableException">The store went away.</exception>
    /// <exception cref="StoreCorruptException">A version was replaced and deleted meanwhile.</exception>
    public async Task<bool> SaveAsync(ListReplica replica, IListStore store, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(replica);
        ArgumentNullException.ThrowIfNull(store);
        if (replica.Content is not { } content)
        {
            return false;
        }

        try
        {
            await SaveAsync(content, store, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An IOException's message may hold the path; its type and number do not.
            throw new SnapshotUnusableException(
                $"The disk does not take them ({e.GetType().Name} {e.HResult & 0xFFFF}).", e);
        }
    }

    /// <summary>Whether what a replica matches against is not saved yet, or was saved long ago; not while the replica
    /// is not in step.</summary>
    /// <param name="replica">Of this process.</param>
    /// <param name="atLeast">How far what is saved may be behind although nothing has changed.</param>
    public bool IsDue(ListReplica replica, TimeSpan atLeast)
    {
        ArgumentNullException.ThrowIfNull(replica);
        return replica.Content is { } now
            && (_saved is null
                // A clock that was set back would leave a time on the disk that has not come yet.
                || (now.InStepAt - _saved.InStepAt).Duration() >= atLeast
                || !Says(now).SequenceEqual(Says(_saved)));
    }

    public void Dispose()
    {
        _lock.Dispose();
        _key?.Dispose();
    }

    private async Task SaveAsync(ReplicaContent content, IListStore store, CancellationToken cancellation)
    {
        Dictionary<string, long> files = FilesOf(content);
        long bytes = files.Values.Sum();
        if (bytes > _maxBytes)
        {
            throw new SnapshotUnusableException($"They take {bytes} bytes, over {_maxBytes}.");
        }

        Directory.CreateDirectory(_inner);
        bool isNew = !_named.SetEquals(files.Keys);
        if (isNew)
        {
            foreach (LoadedList list in content.Lists)
            {
                await SaveBlobsAsync(list, files, store, cancellation).ConfigureAwait(false);
            }

            DurableFiles.SyncFolder(_inner);
        }

        byte[] lists = JsonSerializer.SerializeToUtf8Bytes(
            new SavedLists
            {
                Format = SavedLists.CurrentFormat,
                InStepAt = content.InStepAt,
                Lists = [.. content.Lists.Select(list => list.Stored)],
            },
            SavedJson.Default.SavedLists);
        DurableFiles.Write(Path.Combine(_inner, ListsName), SealedFile.Encode(ListsName, lists, _key));
        DurableFiles.SyncFolder(_inner);
        (_named, Bytes, InStepAt, _saved) = ([.. files.Keys], bytes + lists.Length, content.InStepAt, content);
        if (isNew)
        {
            DeleteOthers();
        }
    }

    private Dictionary<string, long> FilesOf(ReplicaContent content)
    {
        Dictionary<string, long> files = [];
        foreach (LoadedList list in content.Lists)
        {
            Require(list.ManifestId);
            files[list.ManifestId] = SealedFile.LengthOf(list.ManifestBlob!.Length, _key);
            foreach (SegmentRef segment in list.Segments)
            {
                Require(segment.Id);
                files[segment.Id] = SealedFile.LengthOf(segment.Bytes, _key);
            }
        }

        return files;
    }

    // Ids become names of files.
    private static void Require(string id)
    {
        if (!IsBlobId(id))
        {
            throw new StoreCorruptException("A version names a blob that has no blob's name.");
        }
    }

    private static bool IsBlobId(string name) => name.Length == 32 && name.All(char.IsAsciiHexDigitLower);

    private static IEnumerable<(string, long, string)> Says(ReplicaContent content) =>
        content.Lists.Select(list => (list.Stored.Name, list.Stored.Revision, list.ManifestId));

    // Of ours only: somebody may keep other things here.
    private IEnumerable<string> Others() => Directory.EnumerateDirectories(_folder).Where(folder =>
        folder != _inner
        && Path.GetFileName(folder) is { } name
        && (name == PlainName || (name.Length == SnapshotKey.IdDigits && name.All(char.IsAsciiHexDigitLower)))
        && File.Exists(Path.Combine(folder, ListsName)));

    private async Task SaveBlobsAsync(
        LoadedList list, Dictionary<string, long> files, IListStore store, CancellationToken cancellation)
    {
        foreach (SegmentRef segment in list.Segments)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsThere(segment.Id, files[segment.Id]))
            {
                byte[]? blob = await store.ReadBlobAsync(list.Stored.Name, segment.Id, cancellation)
                    .ConfigureAwait(false);
                ListSegment.Verify(blob, segment);
                DurableFiles.Write(Path.Combine(_inner, segment.Id), SealedFile.Encode(segment.Id, blob, _key));
            }
        }

        if (!IsThere(list.ManifestId, files[list.ManifestId]))
        {
            DurableFiles.Write(
                Path.Combine(_inner, list.ManifestId), SealedFile.Encode(list.ManifestId, list.ManifestBlob!, _key));
        }
    }

    private bool IsThere(string id, long bytes) =>
        new FileInfo(Path.Combine(_inner, id)) is { Exists: true } file && file.Length == bytes;

    private void DeleteOthers()
    {
        foreach (string path in Directory.EnumerateFiles(_inner))
        {
            string name = Path.GetFileName(path);
            bool isUnfinished = name.EndsWith(DurableFiles.Unfinished, StringComparison.Ordinal);
            if (isUnfinished || (IsBlobId(name) && !_named.Contains(name)))
            {
                DurableFiles.TryDelete(path);
            }
        }

        foreach (string folder in Others())
        {
            foreach (string path in Directory.EnumerateFiles(folder)
                .Where(path => IsBlobId(Path.GetFileName(path)) || Path.GetFileName(path) == ListsName))
            {
                DurableFiles.TryDelete(path);
            }
        }
    }

    private async Task<byte[]?> ReadBlobAsync(string id, CancellationToken cancellation)
    {
        string path = Path.Combine(_inner, id);
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] file = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
        if (Decode(id, file) is { } content)
        {
            return content;
        }

        // The next save writes it anew.
        DurableFiles.TryDelete(path);
        return null;
    }

    private static byte[] ReadFile(string path, int maxBytes) =>
        new FileInfo(path).Length <= maxBytes
            ? File.ReadAllBytes(path)
            : throw new SnapshotUnusableException("They are damaged.");

    private byte[]? Decode(string name, byte[] file) => SealedFile.Decode(name, file, _key);
}
