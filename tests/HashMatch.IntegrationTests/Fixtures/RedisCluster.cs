using System.Globalization;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>A Redis Cluster of three masters on loopback, which have a third of the slots each.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private RedisCluster(IReadOnlyList<RedisServer> masters) => Masters = masters;

    public IReadOnlyList<RedisServer> Masters { get; }

    /// <summary>A store's address, which names every master.</summary>
    public string Address => "redis:" + string.Join(',', Masters.Select(master => $"127.0.0.1:{master.Port}"));

    /// <summary>Starts it and waits until every master serves; skips or fails the test when no server is installed.
    /// </summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellation)
    {
        var masters = new List<RedisServer>();
        var cluster = new RedisCluster(masters);
        try
        {
            for (int i = 0; i < 3; i++)
            {
                masters.Add(await RedisServer.StartAsync(cancellation,
                    "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
                    "--cluster-require-full-coverage", "no"));
            }
            await cluster.JoinAsync(cancellation);
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
        foreach (RedisServer master in Masters)
            await master.DisposeAsync();
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
        foreach (RedisServer other in Masters.Skip(1))
        {
            await Masters[0].SendAsync(cancellation,
                "CLUSTER", "MEET", "127.0.0.1", Text(other.Port), Text(other.BusPort));
        }
        foreach (RedisServer master in Masters)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    string info = await master.SendAsync(cancellation, "CLUSTER", "INFO");
                    return info.Contains("cluster_state:ok", StringComparison.Ordinal)
                        && info.Contains($"cluster_slots_ok:{Slots}", StringComparison.Ordinal)
                        && info.Contains($"cluster_known_nodes:{Masters.Count}", StringComparison.Ordinal);
                },
                "the cluster is whole", cancellation);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
