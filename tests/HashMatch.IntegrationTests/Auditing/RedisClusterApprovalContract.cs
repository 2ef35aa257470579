using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>Two persons over a Redis Cluster.</summary>
public sealed class RedisClusterApprovalContract(RedisClusterFixture fixture)
    : ApprovalContract, IClassFixture<RedisClusterFixture>
{
    protected override async Task<string> EmptyStoreAsync() =>
        (await fixture.EmptyAsync(TestContext.Current.CancellationToken)).Address;
}
