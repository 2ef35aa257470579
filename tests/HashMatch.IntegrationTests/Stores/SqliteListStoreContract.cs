using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>The contract over SQLite in a folder of each test's own.</summary>
public sealed class SqliteListStoreContract : ListStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task ResetAsync() => Task.CompletedTask;

    protected override Task<IListStore> OpenStoreAsync(long maxEvents) =>
        Task.FromResult<IListStore>(SqliteListStore.Open(_folder["data"], TimeProvider.System, maxEvents));
}
