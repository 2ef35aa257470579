using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

public sealed class RedisPolicyTests(RedisServerFixture redis) : PolicyContract, IClassFixture<RedisServerFixture>
{
    protected override async Task<string> OpenStoreAsync() =>
        (await redis.EmptyAsync(TestContext.Current.CancellationToken)).Address;

    protected override Task CloseStoreAsync() => Task.CompletedTask;
}
