using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Lists;

/// <content>The entries of a list as they are stored.</content>
public sealed partial class ListCatalog
{
    /// <summary>The entries of a list's active version, with their notes; none when there is none.</summary>
    /// <exception cref="Stores.StoreCorruptException">A segment is gone or not what was written.</exception>
    public async IAsyncEnumerable<HashEntry> ReadActiveAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (read.Value?.Find(read.Value.ActiveVersion) is not { } active)
        {
            yield break;
        }

        VersionManifest manifest = await ReadManifestAsync(read.Value, active, cancellation).ConfigureAwait(false);
        await foreach (ListLine line in ReadEntriesAsync(name, manifest, cancellation).ConfigureAwait(false))
        {
            yield return line.Entry!;
        }
    }
}
