using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>The contract over a real redis-server.</summary>
public sealed class RedisListStoreContract(RedisServerFixture fixture)
    : ListStoreContract, IClassFixture<RedisServerFixture>
{
    private string _configuration = "";

    protected override async Task ResetAsync() =>
        _configuration = (await fixture.EmptyAsync(Cancellation)).Address["redis:".Length..];

    protected override async Task<IListStore> OpenStoreAsync(long maxEvents) =>
        await RedisListStore.OpenAsync(_configuration, TimeProvider.System, maxEvents);
}
