using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>A list as the store holds it: JSON, with the number of its format.</summary>
internal sealed record ListDocument
{
    /// <summary>What this build writes, of lists and of manifests; a newer number is refused.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Of lists that need two persons: a build that knows nothing of it must not change them.</summary>
    public const int GuardedFormat = 2;

    // Leaves scripts other than Latin as they are: these documents never meet a web page.
    private static readonly ListJson Json = new(new JsonSerializerOptions(ListJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public required int Format { get; init; }

    public required HashList List { get; init; }

    public static StoredList Encode(HashList list) => new(
        list.Name,
        list.Revision,
        JsonSerializer.SerializeToUtf8Bytes(
            new ListDocument { Format = list.NeedsTwo ? GuardedFormat : CurrentFormat, List = list },
            Json.ListDocument));

    /// <exception cref="StoreCorruptException">Not a list of a known format.</exception>
    public static HashList Decode(StoredList stored)
    {
        string what = $"The document of list {stored.Name}";
        ListDocument document = Parse(stored.Document, Json.ListDocument, d => d.Format, GuardedFormat, what);
        HashList list = document.List;
        if (list.Name != stored.Name || list.Revision != stored.Revision
            || (list.ActiveVersion != 0 && list.Versions.All(v => v.Number != list.ActiveVersion)))
        {
            throw new StoreCorruptException($"{what} contradicts itself.");
        }

        return list;
    }

    public static byte[] Encode(VersionManifest manifest) =>
        JsonSerializer.SerializeToUtf8Bytes(manifest, Json.VersionManifest);

    /// <param name="blob">Null when the store has none.</param>
    /// <param name="version">What the list says of it.</param>
    /// <exception cref="StoreCorruptException">Not the manifest that was written, or of no known format.</exception>
    public static VersionManifest DecodeManifest(byte[]? blob, ListVersion version)
    {
        string what = $"Manifest {version.ManifestId}";
        if (blob is null)
        {
            throw new StoreCorruptException($"{what} is missing.");
        }

        if (version.ManifestDigest is { } digest && AuditRecord.DigestOf(blob) != digest)
        {
            throw new StoreCorruptException($"{what} is not what was written: its SHA-256.");
        }

        VersionManifest manifest = Parse(blob, Json.VersionManifest, m => m.Format, CurrentFormat, what);
        if (manifest.Base.Concat(manifest.Deltas).Any(s => !EntryKey.TryParse(s.First, out _)))
        {
            throw new StoreCorruptException($"{what} names a segment without a first key.");
        }

        return manifest;
    }

    private static T Parse<T>(
        ReadOnlyMemory<byte> json,
        JsonTypeInfo<T> type,
        Func<T, int> formatOf,
        int newest,
        string what)
    {
        try
        {
            T value = JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("It is null.");
            int format = formatOf(value);
            return format >= CurrentFormat && format <= newest
                ? value
                : throw new StoreCorruptException(
                    $"{what} has format {format}; this version of HashMatch reads {newest}.");
        }
        catch (JsonException e)
        {
            throw new StoreCorruptException($"{what} is not what was written.", e);
        }
    }
}
