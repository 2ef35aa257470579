namespace HashMatch.Matching.Stores;

/// <summary>Opens a store by its address.</summary>
public static class ListStores
{
    private const string Expected =
        "That names no store; expected sqlite:FOLDER (such as sqlite:data) or redis:HOST:PORT (such as "
        + "redis:localhost:6379), which options may follow.";

    /// <summary>
    /// `sqlite:FOLDER` (made when it is not there) or `redis:CONFIGURATION` in StackExchange.Redis's form, such as
    /// `redis:localhost:6379` or `redis:a:7000,b:7000,user=hashmatch,password=...,ssl=true`. A Redis server that is
    /// down is a fault of the calls, not of opening; one that neither answers nor refuses is waited for, 2 s by
    /// default.
    /// </summary>
    /// <exception cref="FormatException">The address has neither form; the message says what is expected.</exception>
    /// <exception cref="StoreUnavailableException">The folder cannot be written, or holds a newer format.</exception>
    /// <exception cref="StoreCorruptException">The folder's file is damaged, or another program's.</exception>
    public static Task<IListStore> OpenAsync(string address, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(time);
        int colon = address.IndexOf(':');
        string rest = address[(colon + 1)..].Trim();
        if (colon < 0 || rest.Length == 0)
            throw new FormatException(Expected);
        return address[..colon].Trim() switch
        {
            "sqlite" => Task.Run<IListStore>(() => SqliteListStore.Open(rest, time), cancellation),
            "redis" => OpenRedisAsync(rest, time),
            _ => throw new FormatException(Expected),
        };
    }

    private static async Task<IListStore> OpenRedisAsync(string configuration, TimeProvider time) =>
        await RedisListStore.OpenAsync(configuration, time).ConfigureAwait(false);
}
