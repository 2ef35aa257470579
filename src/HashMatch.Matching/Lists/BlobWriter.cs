using System.Buffers;
using System.Collections.Concurrent;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>Writes blobs of one list, a few at a time, and remembers them in case they are not wanted.</summary>
internal sealed class BlobWriter(IListStore store, string list)
{
    private const int MaxInFlight = 4;

    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(5);

    private readonly IListStore _store = store;
    private readonly string _list = list;
    private readonly List<Task> _inFlight = [];
    private readonly ConcurrentDictionary<string, bool> _written = [];

    /// <summary>The list that the blobs belong to.</summary>
    public string List => _list;

    public IListStore Store => _store;

    /// <summary>Whether a document that names the blobs may have been written: a write that threw may have been done,
    /// so nothing is deleted then.</summary>
    public bool MayBeNamed { get; set; }

    /// <summary>A name for a new blob.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>Begins to write a blob; waits while too many are under way.</summary>
    /// <param name="id">From <see cref="NewId"/>.</param>
    /// <param name="rented">From the shared array pool; goes back there.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="cancellation">May leave the blob written.</param>
    public async Task WriteAsync(string id, byte[] rented, int length, CancellationToken cancellation)
    {
        while (_inFlight.Count >= MaxInFlight)
        {
            Task done = await Task.WhenAny(_inFlight).ConfigureAwait(false);
            _inFlight.Remove(done);
            await done.ConfigureAwait(false);
        }

        _written[id] = true;
        _inFlight.Add(WriteOneAsync(id, rented, length, cancellation));
    }

    /// <summary>Waits until every blob is written.</summary>
    public async Task FlushAsync()
    {
        try
        {
            await Task.WhenAll(_inFlight).ConfigureAwait(false);
        }
        finally
        {
            _inFlight.Clear();
        }
    }

    /// <summary>Deletes blobs that are not wanted any more.</summary>
    public async Task DeleteAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        await _store.DeleteBlobsAsync(_list, ids, cancellation).ConfigureAwait(false);
        foreach (string id in ids)
        {
            _written.TryRemove(id, out _);
        }
    }

    /// <summary>Deletes all that was written, as far as that goes: what stays is collected as garbage.</summary>
    public async Task AbandonAsync()
    {
        // The failure that led here is already on its way to the caller.
        await Task.WhenAll(_inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _inFlight.Clear();
        if (_written.IsEmpty || MayBeNamed)
        {
            return;
        }

        using CancellationTokenSource timeout = new(CleanUpTime);
        try
        {
            await _store.DeleteBlobsAsync(_list, [.. _written.Keys], timeout.Token).ConfigureAwait(false);
            _written.Clear();
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // Garbage collection finds them.
        }
    }

    private async Task WriteOneAsync(string id, byte[] rented, int length, CancellationToken cancellation)
    {
        // A store that works synchronously must not hold up the caller, who has the next blob to make.
        await Task.Run(
            () => _store.WriteBlobAsync(_list, id, rented.AsMemory(0, length), cancellation), cancellation)
            .ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(rented);
    }
}
