using System.Globalization;
using HashMatch.Matching.Index;

namespace HashMatch.Matching.Lists;

/// <summary>The entries of all canary lists, to be asked whether an entry would match one. For one load at a time.
/// </summary>
internal sealed class CanaryTable : IDisposable
{
    private readonly HammingTable _hashes;
    private readonly List<(string List, string ExternalId)> _names;
    private readonly Dictionary<EntryKey, (string List, string ExternalId)> _digests;
    private readonly List<NearRow> _found = [];

    private CanaryTable(
        HammingTable hashes,
        List<(string List, string ExternalId)> names,
        Dictionary<EntryKey, (string List, string ExternalId)> digests)
    {
        _hashes = hashes;
        _names = names;
        _digests = digests;
    }

    /// <summary>Builds the table; null when there is no canary.</summary>
    /// <param name="canaries">The list and the entry.</param>
    /// <param name="cancellation">Ends the building.</param>
    public static CanaryTable? Of(
        IReadOnlyCollection<(string List, HashEntry Entry)> canaries, CancellationToken cancellation)
    {
        if (canaries.Count == 0)
        {
            return null;
        }

        List<(string List, string ExternalId)> names = [];
        Dictionary<EntryKey, (string List, string ExternalId)> digests = [];
        HashRows rows = new(Math.Max(1, canaries.Count));
        foreach ((string list, HashEntry entry) in canaries)
        {
            if (entry.Type == HashType.Pdq)
            {
                rows.Add(entry.Value);
                names.Add((list, entry.ExternalId));
            }
            else
            {
                digests.TryAdd(new EntryKey(entry.Type, entry.Value), (list, entry.ExternalId));
            }
        }

        return new CanaryTable(HammingTable.Build(rows, cancellation), names, digests);
    }

    /// <summary>Which canary an entry would match, for a person; null when none.</summary>
    public string? Problem(HashEntry entry, int maxDistance)
    {
        if (entry.Type != HashType.Pdq)
        {
            return _digests.TryGetValue(new EntryKey(entry.Type, entry.Value), out (string, string) equal)
                ? Worded(entry, equal, "is the same as")
                : null;
        }

        _found.Clear();
        _hashes.Find(entry.Value, maxDistance, _found);
        if (_found.Count == 0)
        {
            return null;
        }

        NearRow nearest = _found.MinBy(row => (row.Distance, row.Row));
        return Worded(
            entry,
            _names[nearest.Row],
            string.Create(CultureInfo.InvariantCulture, $"is within {nearest.Distance} bits of"));
    }

    public void Dispose() => _hashes.Dispose();

    private static string Worded(HashEntry entry, (string List, string ExternalId) canary, string how) =>
        $"entry {Named(entry.ExternalId)} {how} canary {Named(canary.ExternalId)} of list '{canary.List}': it would "
        + "match a harmless picture";

    private static string Named(string externalId) => externalId.Length == 0 ? "(without an id)" : $"'{externalId}'";
}
