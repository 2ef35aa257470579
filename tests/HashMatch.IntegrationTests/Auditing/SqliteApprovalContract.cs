using HashMatch.IntegrationTests.Fixtures;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>Two persons over SQLite.</summary>
public sealed class SqliteApprovalContract : ApprovalContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<string> EmptyStoreAsync() => Task.FromResult("sqlite:" + _folder.Path);
}
