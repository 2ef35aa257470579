using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>A list as a replica holds it.</summary>
/// <param name="Stored">Its document.</param>
/// <param name="ManifestId">Of the version that is held; empty when none is.</param>
/// <param name="ManifestBlob">Its bytes as the store has them; null when none is held.</param>
/// <param name="Manifest">What that version is made of; null when none is held.</param>
/// <param name="Indexed">What the index gets; null when none is held.</param>
internal sealed record LoadedList(
    StoredList Stored, string ManifestId, byte[]? ManifestBlob, VersionManifest? Manifest, IndexedList? Indexed)
{
    /// <summary>Blobs of the version's segments.</summary>
    public IEnumerable<SegmentRef> Segments => Manifest is null ? [] : Manifest.Base.Concat(Manifest.Deltas);

    /// <summary>A list of which nothing is matched.</summary>
    public static LoadedList Nothing(StoredList stored) => new(stored, "", null, null, null);
}
