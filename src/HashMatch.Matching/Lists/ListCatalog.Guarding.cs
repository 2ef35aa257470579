using System.Globalization;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Guards of what is loaded and of what becomes active.</content>
public sealed partial class ListCatalog
{
    /// <summary>Entries that the active version has at least, for a change of its size to be looked at.</summary>
    public const int MinGuardedEntries = 100;

    /// <summary>The guards of a load or an edit of a list.</summary>
    private async Task<EntryGuards> GuardsOfAsync(HashList list, bool force, CancellationToken cancellation)
    {
        if (list.Policy.Kind != ListKind.Match)
        {
            return new EntryGuards(null, list.Policy.MaxDistance, force);
        }

        try
        {
            CanaryTable? canaries = CanaryTable.Of(
                await ReadCanariesAsync(cancellation).ConfigureAwait(false), cancellation);
            return new EntryGuards(canaries, list.Policy.MaxDistance, force);
        }
        catch (Exception e) when (force && (e is StoreUnavailableException or StoreCorruptException))
        {
            // Another list that is away or broken does not bar one that somebody is sure of.
            return new EntryGuards(null, list.Policy.MaxDistance, force) { Passed = { CanariesUnread = true } };
        }
    }

    // Of a canary list everything that is active counts, expired entries too: they are harmless as ever.
    private async Task<List<(string List, HashEntry Entry)>> ReadCanariesAsync(CancellationToken cancellation)
    {
        List<(string List, HashEntry Entry)> canaries = [];
        foreach (HashList list in await ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (list.Policy is { Kind: ListKind.Canary, Enabled: true } && list.Find(list.ActiveVersion) is { } active)
            {
                VersionManifest manifest = await ReadManifestAsync(list, active, cancellation).ConfigureAwait(false);
                await foreach (ListLine line in ReadEntriesAsync(list.Name, manifest, cancellation)
                    .ConfigureAwait(false))
                {
                    canaries.Add((list.Name, line.Entry! with { Note = "" }));
                }
            }
        }

        return canaries;
    }

    /// <summary>How a version's size is too far from the active one's; null when it is not.</summary>
    private static string? SizeProblem(HashList list, long version)
    {
        long before = list.Find(list.ActiveVersion)?.Entries.Total ?? 0;
        long after = list.Find(version)?.Entries.Total ?? 0;
        return before >= MinGuardedEntries
            && Math.Abs(after - before) * 100m > before * (decimal)list.Policy.MaxChangePercent
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{before} to {after} entries, over the {list.Policy.MaxChangePercent}% that its policy allows")
            : null;
    }
}
