using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>An SQLite store in a folder of its own, gone afterwards.</summary>
internal sealed class TemporaryStore : IAsyncDisposable
{
    private readonly string _folder;

    private TemporaryStore(string folder, IListStore store)
    {
        _folder = folder;
        Store = store;
    }

    public IListStore Store { get; }

    public static async Task<TemporaryStore> OpenAsync()
    {
        string folder = Directory.CreateTempSubdirectory("hashmatch-tests-").FullName;
        return new TemporaryStore(folder, await OpenAsync(folder));
    }

    /// <summary>Another store over the same folder, as another process has.</summary>
    public Task<IListStore> OpenAgainAsync() => OpenAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<IListStore> OpenAsync(string folder) =>
        ListStores.OpenAsync($"sqlite:{folder}", TimeProvider.System, TestContext.Current.CancellationToken);
}
