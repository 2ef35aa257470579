using HashMatch.IntegrationTests.Fixtures;

namespace HashMatch.IntegrationTests.Server;

public sealed class SqlitePolicyTests : PolicyContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<string> OpenStoreAsync() => Task.FromResult($"sqlite:{_folder.Path}");

    protected override Task CloseStoreAsync() => Task.CompletedTask;
}
