using System.Globalization;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>A master, its replica and one Sentinel on loopback.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<RedisServer> _servers = [];
    private readonly int _port = FreePorts.Take();
    private ServerProcess? _sentinel;

    /// <summary>The one that is the master at first.</summary>
    public RedisServer Master => _servers[0];

    public RedisServer Replica => _servers[1];

    /// <summary>A store's address, which names the Sentinel and the service.</summary>
    public string Address => $"redis:127.0.0.1:{_port},serviceName=lists";

    /// <summary>Starts all three; skips or fails the test when no server is installed.</summary>
    public static async Task<RedisSentinel> StartAsync(CancellationToken cancellation)
    {
        var started = new RedisSentinel();
        try
        {
            await started.StartAllAsync(cancellation);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _sentinel?.Dispose();
        foreach (RedisServer server in _servers)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAllAsync(CancellationToken cancellation)
    {
        _servers.Add(await RedisServer.StartAsync(cancellation, "--repl-diskless-sync-delay", "0"));
        string master = Master.Port.ToString(CultureInfo.InvariantCulture);
        _servers.Add(await RedisServer.StartAsync(
            cancellation, "--repl-diskless-sync-delay", "0", "--replicaof", $"127.0.0.1 {master}"));
        await Replica.FollowsAsync(cancellation);
        string file = _folder["sentinel.conf"];
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
            port {_port}
            bind 127.0.0.1
            dir {_folder.Path}
            sentinel monitor lists 127.0.0.1 {master} 1
            sentinel down-after-milliseconds lists 1000
            sentinel failover-timeout lists 5000

            """), cancellation);
        _sentinel = ServerProcess.Start(Prerequisites.RequireRedisServer(), [file, "--sentinel"]);
        await Eventually.TrueAsync(
            () => KnowsReplicaAsync(cancellation), "the Sentinel knows the replica", cancellation);
    }

    private async Task<bool> KnowsReplicaAsync(CancellationToken cancellation)
    {
        try
        {
            string known = await RedisConsole.SendAsync(_port, cancellation, "SENTINEL", "REPLICAS", "lists");
            return known.Contains("master-link-status\nok", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
