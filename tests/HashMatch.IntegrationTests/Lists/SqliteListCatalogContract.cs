using HashMatch.IntegrationTests.Fixtures;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Lists over SQLite.</summary>
public sealed class SqliteListCatalogContract : ListCatalogContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<string> EmptyStoreAsync() => Task.FromResult("sqlite:" + _folder.Path);
}
