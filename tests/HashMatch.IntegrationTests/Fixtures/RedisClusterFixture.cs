namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>One cluster for all tests of a class, started when the first asks for it.</summary>
public sealed class RedisClusterFixture : IAsyncDisposable
{
    private RedisCluster? _cluster;

    /// <summary>The cluster without a key; skips or fails the test when no server is installed.</summary>
    public async Task<RedisCluster> EmptyAsync(CancellationToken cancellation)
    {
        _cluster ??= await RedisCluster.StartAsync(cancellation);
        foreach (RedisServer master in _cluster.Masters)
            await master.SendAsync(cancellation, "FLUSHALL");
        return _cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }
}
