using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Lists over a Redis Cluster.</summary>
public sealed class RedisClusterListCatalogContract(RedisClusterFixture fixture)
    : ListCatalogContract, IClassFixture<RedisClusterFixture>
{
    protected override async Task<string> EmptyStoreAsync() =>
        (await fixture.EmptyAsync(TestContext.Current.CancellationToken)).Address;
}
