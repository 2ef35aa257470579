using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>The contract over Redis's own image, where a container engine runs.</summary>
public sealed class RedisContainerListStoreContract(RedisContainerFixture fixture)
    : ListStoreContract, IClassFixture<RedisContainerFixture>
{
    private string _configuration = "";

    protected override async Task ResetAsync() => _configuration = await fixture.EmptyAsync(Cancellation);

    protected override async Task<IListStore> OpenStoreAsync(long maxEvents) =>
        await RedisListStore.OpenAsync(_configuration, TimeProvider.System, maxEvents);
}
