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
            string info = await server.InfoRawAsync().AnswerAsync(store, silence: null, cancellation)
                .ConfigureAwait(false) ?? "";
            string sync = await ReadSyncAsync(server, store, cancellation).ConfigureAwait(false);
            answered = true;
            warnings.AddRange(Judge(ReadFields(info), sync).Select(warning => $"{server.EndPoint}: {warning}"));
        }
        return answered ? warnings : throw new StoreUnavailableException($"{store} is not reachable.");
    }

    // INFO does not tell; a user without the right to CONFIG gets no warning of it.
    private static async Task<string> ReadSyncAsync(
        IServer server, string store, CancellationToken cancellation)
    {
        try
        {
            KeyValuePair<string, string>[] settings = await server.ConfigGetAsync("appendfsync")
                .AnswerAsync(store, silence: null, cancellation).ConfigureAwait(false);
            return settings.FirstOrDefault().Value ?? "";
        }
        catch (StoreUnavailableException e) when (e.InnerException is RedisServerException)
        {
            return "";
        }
    }

    private static Dictionary<string, string> ReadFields(string info) =>
        info.Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0])
            .ToDictionary(pairs => pairs.Key, pairs => pairs.First()[1]);

    private static IEnumerable<string> Judge(Dictionary<string, string> info, string sync)
    {
        string policy = info.GetValueOrDefault("maxmemory_policy", "noeviction");
        if (policy != "noeviction" && info.GetValueOrDefault("maxmemory", "0") != "0")
            yield return $"{policy} drops parts of lists when memory is full; set maxmemory-policy noeviction";
        if (info.GetValueOrDefault("aof_enabled", "1") == "0")
            yield return "without an append-only file a restart loses the newest changes; set appendonly yes";
        else if (sync is "everysec" or "no")
            yield return $"appendfsync {sync} can lose acknowledged changes in a crash; set appendfsync always";
    }
}
