using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>Two persons over a redis-server.</summary>
public sealed class RedisApprovalContract(RedisServerFixture fixture)
    : ApprovalContract, IClassFixture<RedisServerFixture>
{
    protected override async Task<string> EmptyStoreAsync() =>
        (await fixture.EmptyAsync(TestContext.Current.CancellationToken)).Address;
}
