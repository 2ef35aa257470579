using System.Security.Cryptography;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.FaultTests.Redis;

/// <summary>Curates lists in a store past every server, and waits for it as long as it takes.</summary>
internal sealed class Curator : IAsyncDisposable
{
    private Curator(IListStore store)
    {
        Store = store;
        Catalog = new ListCatalog(store, TimeProvider.System);
    }

    public IListStore Store { get; }

    public ListCatalog Catalog { get; }

    public static async Task<Curator> OpenAsync(string address, CancellationToken cancellation) =>
        new(await ListStores.OpenAsync(address, TimeProvider.System, cancellation));

    /// <summary>A PDQ entry.</summary>
    public static HashEntry Entry(string hash, string externalId)
    {
        Assert.True(HashValue.TryParse(HashType.Pdq, hash, out HashValue value));
        return new HashEntry { Type = HashType.Pdq, Value = value, ExternalId = externalId };
    }

    /// <summary>An entry of a file's SHA-256.</summary>
    public static HashEntry Digest(byte[] file, string externalId)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(file));
        Assert.True(HashValue.TryParse(HashType.Sha256, digest, out HashValue value));
        return new HashEntry { Type = HashType.Sha256, Value = value, ExternalId = externalId };
    }

    /// <summary>A list with these entries active.</summary>
    public async Task CreateAsync(string name, IEnumerable<HashEntry> entries, CancellationToken cancellation)
    {
        CatalogResult<HashList> made = await Catalog.CreateAsync(name, "", new MatchPolicy(), cancellation);
        Assert.True(made.IsOk, made.Message);
        await LoadAsync(name, entries, cancellation);
    }

    /// <summary>Stages and activates.</summary>
    /// <returns>The version.</returns>
    public async Task<long> LoadAsync(string name, IEnumerable<HashEntry> entries, CancellationToken cancellation)
    {
        long version = await StageAsync(name, entries, cancellation);
        CatalogResult<HashList> active = await Catalog.ActivateAsync(name, version, null, force: true, cancellation);
        Assert.True(active.IsOk, active.Message);
        return version;
    }

    /// <summary>Stages.</summary>
    /// <returns>The version.</returns>
    public async Task<long> StageAsync(string name, IEnumerable<HashEntry> entries, CancellationToken cancellation)
    {
        CatalogResult<StageResult> staged = await Catalog.StageAsync(
            name, LinesAsync(entries), new StageOptions { Force = true }, null, cancellation);
        Assert.True(staged.IsOk, staged.Message);
        return staged.Value.Version!.Number;
    }

    /// <summary>Waits until the store answers.</summary>
    public Task AnswersAsync(CancellationToken cancellation) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await Store.ReadListNamesAsync(cancellation);
                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        },
        "the store answers", cancellation);

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static async IAsyncEnumerable<ListLine> LinesAsync(IEnumerable<HashEntry> entries)
    {
        long line = 0;
        foreach (HashEntry entry in entries)
        {
            yield return new ListLine(++line, entry, null);
        }

        await Task.CompletedTask;
    }
}
