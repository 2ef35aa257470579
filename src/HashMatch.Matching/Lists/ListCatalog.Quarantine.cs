namespace HashMatch.Matching.Lists;

/// <content>Entries that ask for Review at most since they flooded.</content>
public sealed partial class ListCatalog
{
    /// <summary>Entries of one list that may be in quarantine.</summary>
    public const int MaxQuarantined = 1000;

    /// <summary>
    /// Puts entries into quarantine, where they stay through edits and new versions; one that is there already stays as
    /// it is. Refused: ListNotFound (also when the list is another one of that name), Invalid (too many), LostRace.
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="id">Which list of that name.</param>
    /// <param name="entries">What to add.</param>
    /// <param name="cancellation">May leave it written.</param>
    public Task<CatalogResult<HashList>> QuarantineAsync(
        string name, Guid id, IReadOnlyList<QuarantinedEntry> entries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return ChangeAsync(
            name,
            "quarantined",
            list =>
            {
                IReadOnlyList<QuarantinedEntry> before = list.Quarantined ?? [];
                List<QuarantinedEntry> after =
                    [.. before, .. entries.Where(entry => before.All(known => known.Key != entry.Key))];
                return list.Id != id ? Refusal.ListNotFound<HashList>(name)
                    : after.Count == before.Count ? list
                    : after.Count > MaxQuarantined ? Refusal.Of<HashList>(
                        CatalogError.Invalid, $"list '{name}' has {before.Count} entries in quarantine already")
                    : list with { Quarantined = after };
            },
            cancellation);
    }

    /// <summary>Releases entries. Refused: ListNotFound, Invalid (one is not in quarantine; then none is released),
    /// LostRace.</summary>
    public Task<CatalogResult<HashList>> ReleaseAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0)
        {
            return Task.FromResult(Refusal.Of<HashList>(CatalogError.Invalid, "there are no keys", "keys"));
        }

        return ChangeAsync(
            name,
            "released",
            list =>
            {
                IReadOnlyList<QuarantinedEntry> before = list.Quarantined ?? [];
                for (int i = 0; i < keys.Count; i++)
                {
                    string key = keys[i].ToString();
                    if (before.All(entry => entry.Key != key))
                    {
                        return Refusal.Of<HashList>(
                            CatalogError.Invalid,
                            $"an entry is not in quarantine in list '{name}'",
                            FieldOf("keys", i));
                    }
                }

                HashSet<string> released = [.. keys.Select(key => key.ToString())];
                QuarantinedEntry[] after = [.. before.Where(entry => !released.Contains(entry.Key))];
                return list with { Quarantined = after.Length == 0 ? null : after };
            },
            cancellation);
    }
}
