using System.Globalization;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>A Redis Cluster of three masters on loopback, which have a third of the slots each, and a replica each if
/// that is asked for.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private RedisCluster(IReadOnlyList<RedisServer> masters, IReadOnlyList<RedisServer> replicas) =>
        (Masters, Replicas) = (masters, replicas);

    public IReadOnlyList<RedisServer> Masters { get; }

    /// <summary>Those of the masters, in their order; empty when none were asked for.</summary>
    public IReadOnlyList<RedisServer> Replicas { get; }

    private IEnumerable<RedisServer> All => Masters.Concat(Replicas);

    /// <summary>A store's address, which names every master.</summary>
    public string Address => "redis:" + string.Join(',', Masters.Select(master => $"127.0.0.1:{master.Port}"));

    /// <summary>Starts it and waits until every master serves; skips or fails the test when no server is installed.
    /// </summary>
    public static async Task<RedisCluster> StartAsync(
        CancellationToken cancellation, bool withReplicas = false)
    {
        var masters = new List<RedisServer>();
        var replicas = new List<RedisServer>();
        var cluster = new RedisCluster(masters, replicas);
        // A cluster without replicas has nobody to fail over to: there a busy machine must not look like a fault.
        string timeout = withReplicas ? "1000" : "2000";
        try
        {
            for (int i = 0; i < (withReplicas ? 6 : 3); i++)
            {
                (i < 3 ? masters : replicas).Add(await RedisServer.StartAsync(cancellation,
                    "--cluster-enabled", "yes", "--cluster-node-timeout", timeout,
                    "--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0",
                    "--repl-diskless-sync-delay", "0"));
            }
            await cluster.JoinAsync(cancellation);
            await cluster.ReplicateAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisServer server in All)
            await server.DisposeAsync();
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < Masters.Count; i++)
        {
            await Masters[i].SendAsync(cancellation, "CLUSTER", "ADDSLOTSRANGE",
                Text(Slots * i / Masters.Count), Text((Slots * (i + 1) / Masters.Count) - 1));
            // Without epochs of their own two masters would first have to notice that they share one.
            await Masters[i].SendAsync(cancellation, "CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
        }
        foreach (RedisServer other in All.Skip(1))
        {
            await Masters[0].SendAsync(cancellation,
                "CLUSTER", "MEET", "127.0.0.1", Text(other.Port), Text(other.BusPort));
        }
        foreach (RedisServer server in All)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    string info = await server.SendAsync(cancellation, "CLUSTER", "INFO");
                    return info.Contains("cluster_state:ok", StringComparison.Ordinal)
                        && info.Contains($"cluster_slots_ok:{Slots}", StringComparison.Ordinal)
                        && info.Contains($"cluster_known_nodes:{All.Count()}", StringComparison.Ordinal);
                },
                "the cluster is whole", cancellation);
        }
    }

    // A replica whose link was never up refuses to take over.
    private async Task ReplicateAsync(CancellationToken cancellation)
    {
        foreach ((RedisServer replica, RedisServer master) in Replicas.Zip(Masters))
        {
            string id = await master.SendAsync(cancellation, "CLUSTER", "MYID");
            await replica.SendAsync(cancellation, "CLUSTER", "REPLICATE", id);
        }
        foreach (RedisServer replica in Replicas)
            await replica.FollowsAsync(cancellation);
        foreach (RedisServer server in All)
        {
            await Eventually.TrueAsync(
                async () => (await server.SendAsync(cancellation, "CLUSTER", "NODES")).Split('\n')
                    .Count(line => line.Contains("slave ", StringComparison.Ordinal)) == Replicas.Count,
                "every server knows the replicas", cancellation);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
