using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public sealed class ListStoresTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("sqlite:")]
    [InlineData("sqlite: ")]
    [InlineData("redis:")]
    [InlineData("SQLITE:data")]
    [InlineData("postgres:localhost")]
    [InlineData("redis://localhost:6379")]
    [InlineData("redis:password=x")]
    public async Task An_address_of_another_form_is_refused_and_says_what_is_expected(string address)
    {
        FormatException e = await Assert.ThrowsAsync<FormatException>(
            () => ListStores.OpenAsync(address, TimeProvider.System, Cancellation));
        Assert.Contains("expected", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("redis:localhost,pasword=tr0ub4dor")]
    [InlineData("redis:localhost,password=tr0ub4dor,connectTimeout=soon")]
    [InlineData("redis:localhost,password=tr0ub4dor,ssl=maybe")]
    public async Task A_refusal_does_not_repeat_the_password(string address)
    {
        FormatException e = await Assert.ThrowsAsync<FormatException>(
            () => ListStores.OpenAsync(address, TimeProvider.System, Cancellation));
        Assert.DoesNotContain("tr0ub4dor", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_opens_an_sqlite_store()
    {
        using var folder = new TemporaryFolder();
        await using IListStore store = await ListStores.OpenAsync(
            "sqlite:" + folder["a/b c/ü"], TimeProvider.System, Cancellation);
        Assert.IsType<SqliteListStore>(store);
        Assert.Contains(folder["a/b c/ü"], store.Description, StringComparison.Ordinal);
        Assert.Empty(await store.ReadListsAsync(Cancellation));
    }

    [Fact]
    public async Task A_configuration_opens_a_redis_store()
    {
        await using RedisServer server = await RedisServer.StartAsync(Cancellation);
        await using IListStore store = await ListStores.OpenAsync(
            server.Address + ",name=test", TimeProvider.System, Cancellation);
        Assert.IsType<RedisListStore>(store);
        Assert.Equal($"Redis at 127.0.0.1:{server.Port}", store.Description);
        Assert.Empty(await store.ReadListsAsync(Cancellation));
    }
}
