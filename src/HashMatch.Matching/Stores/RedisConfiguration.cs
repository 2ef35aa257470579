using System.Net;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>StackExchange.Redis's configuration with our defaults: a server that is gone is noticed at once.</summary>
internal static class RedisConfiguration
{
    // Long enough for a blob of 2 MiB on a loaded machine; a connection that is down fails at once whatever this is.
    private const int TimeoutMs = 2000;

    // Also how long opening waits, so many times, for a server that neither answers nor refuses.
    private const int ConnectTimeoutMs = 2000;
    private const int ConnectAttempts = 3;
    private const int RetryMs = 50;
    private const int KeepAliveSeconds = 5;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads a configuration; what it states wins over our defaults.</summary>
    /// <exception cref="FormatException">It is none; the message repeats no value of it.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            string? key = (e as ArgumentException)?.ParamName;
            throw new FormatException(
                $"The Redis configuration is not in StackExchange.Redis's form{(key is null ? "" : $", at '{key}'")}; "
                + "expected HOST:PORT[,HOST:PORT...][,OPTION=VALUE...].");
        }
        // An URL passes for a host's name.
        if (options.EndPoints.Count == 0 || configuration.Contains("//", StringComparison.Ordinal))
            throw new FormatException("The Redis configuration names no server; expected HOST:PORT.");
        ApplyDefaults(options, StatedKeys(configuration));
        return options;
    }

    /// <summary>The servers' addresses, and nothing that could be secret.</summary>
    public static string Describe(ConfigurationOptions options) =>
        "Redis at " + string.Join(", ", options.EndPoints.Select(Describe));

    private static string Describe(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint { Port: 0 } dns => dns.Host,
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        IPEndPoint { Port: 0 } ip => ip.Address.ToString(),
        _ => endPoint.ToString() ?? "?",
    };

    private static HashSet<string> StatedKeys(string configuration) =>
        configuration.Split(',', StringSplitOptions.TrimEntries)
            .Where(part => part.Contains('='))
            .Select(part => part[..part.IndexOf('=')].TrimEnd())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static void ApplyDefaults(ConfigurationOptions options, HashSet<string> stated)
    {
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(RetryMs);
        options.HeartbeatInterval = Heartbeat;
        options.IncludeDetailInExceptions = false;
        // The client counts INFO among what administrators do; ReadWarningsAsync asks it, and nothing else does.
        options.AllowAdmin = true;
        if (!stated.Contains("abortConnect"))
            options.AbortOnConnectFail = false;
        if (!stated.Contains("connectTimeout"))
            options.ConnectTimeout = ConnectTimeoutMs;
        if (!stated.Contains("connectRetry"))
            options.ConnectRetry = ConnectAttempts;
        if (!stated.Contains("syncTimeout"))
            options.SyncTimeout = TimeoutMs;
        if (!stated.Contains("asyncTimeout") && !stated.Contains("syncTimeout"))
            options.AsyncTimeout = TimeoutMs;
        if (!stated.Contains("keepAlive"))
            options.KeepAlive = KeepAliveSeconds;
        if (!stated.Contains("name"))
            options.ClientName = "hashmatch";
        // Two names outside `hm:` that the client would use by itself; an access list need not allow them.
        if (!stated.Contains("tiebreaker"))
            options.TieBreaker = "";
        if (!stated.Contains("configChannel"))
            options.ConfigurationChannel = "";
    }
}
