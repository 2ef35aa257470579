using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

public sealed class RedisHashListsTests(RedisServerFixture redis) : HashListsContract, IClassFixture<RedisServerFixture>
{
    protected override async Task<string> OpenStoreAsync() => (await redis.EmptyAsync(Cancellation)).Address;

    protected override Task CloseStoreAsync() => Task.CompletedTask;
}
