using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>The contract over a Redis Cluster of three masters.</summary>
public sealed class RedisClusterListStoreContract(RedisClusterFixture fixture)
    : ListStoreContract, IClassFixture<RedisClusterFixture>
{
    private string _configuration = "";

    protected override async Task ResetAsync() =>
        _configuration = (await fixture.EmptyAsync(Cancellation)).Address["redis:".Length..];

    protected override async Task<IListStore> OpenStoreAsync(long maxEvents) =>
        await RedisListStore.OpenAsync(_configuration, TimeProvider.System, maxEvents);
}
