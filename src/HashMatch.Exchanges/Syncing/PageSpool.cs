using System.IO.Compression;
using System.Runtime.CompilerServices;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Exchanges.Syncing;

/// <summary>Fetched pages in the store: compressed, in pieces, each written once.</summary>
internal sealed class PageSpool(IListStore store, string exchange)
{
    // Not a list's name, so that nobody takes pages for what a list left behind.
    private const string OwnerPrefix = "exchange:";
    private const int PieceBytes = 2 * 1024 * 1024 - 4096;

    private readonly string _owner = OwnerPrefix + exchange;

    /// <summary>Keeps a page.</summary>
    public async Task<PageRef> WriteAsync(byte[] body, PageContent content, CancellationToken cancellation)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        List<string> ids = [];
        ReadOnlyMemory<byte> rest = packed.GetBuffer().AsMemory(0, (int)packed.Length);
        while (!rest.IsEmpty)
        {
            string id = Guid.NewGuid().ToString("N");
            ReadOnlyMemory<byte> piece = rest[..Math.Min(PieceBytes, rest.Length)];
            await store.WriteBlobAsync(_owner, id, piece, cancellation).ConfigureAwait(false);
            ids.Add(id);
            rest = rest[piece.Length..];
        }

        return new PageRef(ids, body.Length, content.Lines, content.Digest);
    }

    /// <summary>What pages say, in their order.</summary>
    /// <param name="pages">Those to read.</param>
    /// <param name="format">How they are read.</param>
    /// <param name="definition">Whose members are taken.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreCorruptException">A page is gone or not what was written.</exception>
    public async IAsyncEnumerable<ListLine> ReadAsync(
        IReadOnlyList<PageRef> pages,
        ListFileFormat format,
        ExchangeDefinition definition,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        HashSet<string> only = [.. definition.Members];
        HashSet<string> without = [.. definition.NotMembers];
        foreach (PageRef page in pages)
        {
            byte[] body = await ReadAsync(page, cancellation).ConfigureAwait(false);
            using MemoryStream stream = new(body);
            await foreach (ListLine line in HashListReader.ReadAsync(
                stream, new ListReadOptions { Format = format }, cancellation).ConfigureAwait(false))
            {
                if (line.EndsReading)
                {
                    throw new StoreCorruptException($"A page of exchange {exchange} cannot be read to its end.");
                }

                if (line.Record is null || IsTaken(line.Record, only, without))
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>Deletes pages that nothing names any more, as far as that goes.</summary>
    public async Task DropAsync(IEnumerable<PageRef> pages)
    {
        string[] ids = [.. pages.SelectMany(page => page.Blobs)];
        try
        {
            await store.DeleteBlobsAsync(_owner, ids, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // They are collected as garbage.
        }
    }

    /// <summary>Deletes pages that no exchange names and that are old enough not to be about to be named.</summary>
    /// <returns>How many pieces were deleted.</returns>
    public static async Task<int> CollectAsync(
        IListStore store, TimeProvider time, TimeSpan minAge, CancellationToken cancellation)
    {
        int deleted = 0;
        ExchangeCatalog catalog = new(store);
        foreach (string owner in await store.ReadBlobOwnersAsync(cancellation).ConfigureAwait(false))
        {
            if (!owner.StartsWith(OwnerPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            // Blobs before the document: what is written and named in between is not among them.
            IReadOnlyList<StoredBlob> blobs = await store.ReadBlobsAsync(owner, cancellation).ConfigureAwait(false);
            ExchangeState? state =
                (await catalog.ReadAsync(owner[OwnerPrefix.Length..], cancellation).ConfigureAwait(false))?.State;
            HashSet<string> named = [.. (state?.Pages ?? []).Concat(state?.Run?.Pages ?? [])
                .SelectMany(page => page.Blobs)];
            DateTimeOffset youngest = time.GetUtcNow() - minAge;
            string[] garbage = [.. blobs
                .Where(blob => blob.WrittenAt <= youngest && !named.Contains(blob.Id))
                .Select(blob => blob.Id)];
            await store.DeleteBlobsAsync(owner, garbage, cancellation).ConfigureAwait(false);
            deleted += garbage.Length;
        }

        return deleted;
    }

    public static async Task DeleteAllAsync(IListStore store, string exchange, CancellationToken cancellation)
    {
        string owner = OwnerPrefix + exchange;
        IReadOnlyList<StoredBlob> blobs = await store.ReadBlobsAsync(owner, cancellation).ConfigureAwait(false);
        await store.DeleteBlobsAsync(owner, [.. blobs.Select(blob => blob.Id)], cancellation).ConfigureAwait(false);
    }

    // A record is named by its member, a dash and its id.
    private static bool IsTaken(string record, HashSet<string> only, HashSet<string> without)
    {
        int dash = record.IndexOf('-', StringComparison.Ordinal);
        string member = dash < 0 ? record : record[..dash];
        return (only.Count == 0 || only.Contains(member)) && !without.Contains(member);
    }

    private async Task<byte[]> ReadAsync(PageRef page, CancellationToken cancellation)
    {
        using MemoryStream packed = new();
        foreach (string id in page.Blobs)
        {
            byte[] piece = await store.ReadBlobAsync(_owner, id, cancellation).ConfigureAwait(false)
                ?? throw new StoreCorruptException($"A page of exchange {exchange} is missing.");
            packed.Write(piece);
        }

        packed.Position = 0;
        byte[] body = new byte[page.Bytes];
        try
        {
            using GZipStream gzip = new(packed, CompressionMode.Decompress);
            gzip.ReadExactly(body);
            return body;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new StoreCorruptException($"A page of exchange {exchange} is not what was written.", e);
        }
    }
}
