namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>One redis-server for all tests of a class, started when the first asks for it.</summary>
public sealed class RedisServerFixture : IAsyncDisposable
{
    private RedisServer? _server;

    /// <summary>The server without a key; skips or fails the test when none is installed.</summary>
    public async Task<RedisServer> EmptyAsync(CancellationToken cancellation)
    {
        _server ??= await RedisServer.StartAsync(cancellation);
        await _server.SendAsync(cancellation, "FLUSHALL");
        return _server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
