using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Gate.Cases;

/// <summary>A list of balanced hashes in an SQLite store of one side's own, and queries that it answers.</summary>
/// <param name="folder">One side's; a list that is in it is used again.</param>
/// <param name="entries">PDQ hashes.</param>
internal sealed class GateList(string folder, int entries)
{
    private const string Name = "gate";
    private const string Whole = "whole";

    private string Folder => Path.Combine(folder, $"{entries}");

    /// <summary>The store with the list active.</summary>
    public async Task<string> StoreAsync()
    {
        string address = $"sqlite:{Folder}";
        string whole = Path.Combine(Folder, Whole);
        if (!File.Exists(whole))
        {
            await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, default);
            var catalog = new ListCatalog(store, TimeProvider.System);
            Check(await catalog.CreateAsync(Name, "", new MatchPolicy(), default));
            StageResult staged = Check(await catalog.StageAsync(Name, LinesAsync(), new StageOptions(), null, default));
            Check(await catalog.ActivateAsync(Name, staged.Version!.Number, null, default));
            await File.WriteAllTextAsync(whole, "");
        }

        return address;
    }

    /// <summary>Half of them near an entry, at even distances of 0 to 30, half near none.</summary>
    public HashValue[] Queries(int count)
    {
        var random = new RandomBits(2, 0);
        var queries = new HashValue[count];
        for (int i = 0; i < count; i++)
        {
            queries[i] = i % 2 == 0
                ? random.Near(Entry(random.Next(entries)), i / 2 % 16 * 2)
                : random.Balanced();
        }

        return queries;
    }

    private static HashValue Entry(int number) => new RandomBits(1, (ulong)number).Balanced();

    private static T Check<T>(CatalogResult<T> result)
        where T : class => result.Value ?? throw new InvalidOperationException(result.Message);

    private async IAsyncEnumerable<ListLine> LinesAsync()
    {
        for (int number = 0; number < entries; number++)
        {
            var entry = new HashEntry { Type = HashType.Pdq, Value = Entry(number), ExternalId = $"e{number}" };
            yield return new ListLine(number + 1, entry, null);
        }

        await Task.CompletedTask;
    }
}
