using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Looks entries up in an index, as uploads are.</summary>
internal static class FoundEntries
{
    /// <summary>PDQ entries that no other is near.</summary>
    public static HashEntry[] Pdq(int seed, int count) =>
        [.. SampleEntries.Make(seed, count * 8).Where(entry => entry.Type == HashType.Pdq).Take(count)];

    /// <summary>Whether an entry is found, exactly.</summary>
    public static bool Has(CurrentIndex current, HashEntry entry)
    {
        using IndexLease lease = current.Acquire()!;
        byte[] hash = Convert.FromHexString(entry.Value.ToHex(HashType.Pdq));
        List<Candidate> candidates = [];
        lease.Index.Find(new QueryHash(PdqHash.Read(hash), Orientation.Original, 100), candidates);
        return candidates.Exists(candidate => candidate.Distance == 0);
    }

    /// <summary>Looks an entry up without a pause until told to stop; every call must find it.</summary>
    /// <returns>How many calls there were.</returns>
    public static Task<long> KeepFindingAsync(CurrentIndex current, HashEntry entry, CancellationToken stop) =>
        Task.Run(
            async () =>
            {
                long calls = 0;
                while (!stop.IsCancellationRequested)
                {
                    Assert.True(Has(current, entry), "A call did not find what is listed.");
                    calls++;
                    await Task.Yield();
                    if (calls % 64 == 0)
                        await Task.Delay(1, CancellationToken.None);
                }

                return calls;
            },
            CancellationToken.None);

    /// <summary>Lists with content, one blob store each: over a cluster they lie on different masters.</summary>
    public static async Task CreateAsync(
        ListCatalog catalog, string name, IEnumerable<HashEntry> entries, CancellationToken cancellation)
    {
        Assert.True((await catalog.CreateAsync(name, "", new MatchPolicy(), cancellation)).IsOk);
        await LoadAsync(catalog, name, entries, cancellation);
    }

    /// <exception cref="StoreUnavailableException">The store went away.</exception>
    public static async Task LoadAsync(
        ListCatalog catalog, string name, IEnumerable<HashEntry> entries, CancellationToken cancellation)
    {
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            name, SampleEntries.LinesAsync(entries), new StageOptions(), null, cancellation);
        Assert.True(staged.IsOk, staged.Message);
        CatalogResult<HashList> active = await catalog.ActivateAsync(
            name, staged.Value.Version!.Number, null, force: true, cancellation);
        Assert.True(active.IsOk, active.Message);
    }
}
