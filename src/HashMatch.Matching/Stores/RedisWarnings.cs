using System.Globalization;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>What a server's own configuration can do to the lists.</summary>
internal static class RedisWarnings
{
    /// <exception cref="StoreUnavailableException">No server answers.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(
        ConnectionMultiplexer redis, string store, CancellationToken cancellation)
    {
        var warnings = new List<string>();
        bool answered = false;
        foreach (IServer server in redis.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            string info = await server.InfoRawAsync().AnswerAsync(store, cancellation).ConfigureAwait(false) ?? "";
            answered = true;
            warnings.AddRange(Judge(info).Select(warning => $"{server.EndPoint}: {warning}"));
        }
        return answered ? warnings : throw new StoreUnavailableException($"{store} is not reachable.");
    }

    private static IEnumerable<string> Judge(string info)
    {
        Dictionary<string, string> fields = info.Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0])
            .ToDictionary(pairs => pairs.Key, pairs => pairs.First()[1]);
        string policy = fields.GetValueOrDefault("maxmemory_policy", "noeviction");
        string limit = fields.GetValueOrDefault("maxmemory", "0");
        if (policy != "noeviction" && limit != "0")
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"the policy {policy} drops parts of lists when memory is full; set maxmemory-policy noeviction");
        }
        if (fields.GetValueOrDefault("aof_enabled", "1") == "0")
            yield return "without an append-only file a restart loses the newest changes; set appendonly yes";
    }
}
