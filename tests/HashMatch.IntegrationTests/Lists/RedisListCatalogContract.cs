using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Lists over a real redis-server.</summary>
public sealed class RedisListCatalogContract(RedisServerFixture fixture)
    : ListCatalogContract, IClassFixture<RedisServerFixture>
{
    protected override async Task<string> EmptyStoreAsync() =>
        (await fixture.EmptyAsync(TestContext.Current.CancellationToken)).Address;
}
