using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>StackExchange.Redis's configuration with our defaults: a server that is gone is noticed at once.</summary>
internal static class RedisConfiguration
{
    // Long enough for a blob of 2 MiB on a loaded machine; a connection that is down fails at once whatever this is.
    private const int TimeoutMs = 2000;

    // Also how long opening waits, so many times, for a server that neither answers nor refuses; and how long after a
    // partition an attempt that began in it can still be under way.
    private const int ConnectTimeoutMs = 1000;
    private const int ConnectAttempts = 2;

    // In a partition the system would send again ever more rarely, and find its end late.
    private const int UnsentMs = 1000;
    private const int RetryMs = 50;
    private const int KeepAliveSeconds = 5;
    private const int MostReplicas = 5;
    private const string ConfirmReplicas = "confirmReplicas";
    private const string SslCa = "sslCa";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads a configuration; what it states wins over our defaults. Two options are ours: `confirmReplicas`,
    /// 0 to 5, and `sslCa`, a PEM or DER file with the authority that must have issued the servers' certificates.
    /// </summary>
    /// <exception cref="FormatException">It is none; the message repeats no value of it.</exception>
    public static RedisSettings Parse(string configuration)
    {
        string[] parts = configuration.Split(',', StringSplitOptions.TrimEntries);
        int? replicas = ReadReplicas(Own(parts, ConfirmReplicas));
        string theirs = string.Join(',', parts.Where(part => !IsOwn(part, ConfirmReplicas) && !IsOwn(part, SslCa)));
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(theirs);
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
        if (Own(parts, SslCa) is { } authority)
            Trust(options, authority);
        return new RedisSettings(options, replicas);
    }

    /// <summary>The servers' addresses, and nothing that could be secret.</summary>
    public static string Describe(ConfigurationOptions options) =>
        "Redis at " + string.Join(", ", options.EndPoints.Select(Describe));

    private static bool IsOwn(string part, string name) =>
        part.Split('=', 2) is [var key, _] && key.Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string? Own(string[] parts, string name) =>
        parts.LastOrDefault(part => IsOwn(part, name))?.Split('=', 2)[1].Trim();

    private static int? ReadReplicas(string? text) => text switch
    {
        null => null,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count <= MostReplicas => count,
        _ => throw new FormatException($"The Redis configuration's {ConfirmReplicas} is not 0 to {MostReplicas}."),
    };

    private static void Trust(ConfigurationOptions options, string authority)
    {
        options.Ssl = true;
        try
        {
            options.TrustIssuer(authority);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The Redis configuration's {SslCa} is no certificate's file that can be read.");
        }
    }

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

    // TCP_USER_TIMEOUT, which .NET has no name for.
    private static void GiveUpEarly(Socket socket)
    {
        const int Tcp = 6;
        const int UserTimeout = 18;
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes(UnsentMs));
    }

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
        if (OperatingSystem.IsLinux())
            options.BeforeSocketConnect = (_, _, socket) => GiveUpEarly(socket);
        // Two names outside `hm:` that the client would use by itself; an access list need not allow them.
        if (!stated.Contains("tiebreaker"))
            options.TieBreaker = "";
        if (!stated.Contains("configChannel"))
            options.ConfigurationChannel = "";
    }
}
