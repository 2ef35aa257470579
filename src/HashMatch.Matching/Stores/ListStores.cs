namespace HashMatch.Matching.Stores;

/// <summary>Opens a store by its address.</summary>
public static class ListStores
{
    /// <summary>
    /// `sqlite:FOLDER` (made when it is not there) or `redis:CONFIGURATION` in StackExchange.Redis's form, such as
    /// `redis:localhost:6379` or `redis:a:7000,b:7000,user=hashmatch,password=...,ssl=true`. Connecting to Redis is
    /// tried in the background: a server that is down is a fault of the calls, not of opening.
    /// </summary>
    /// <exception cref="FormatException">The address has neither form; the message says what is expected.</exception>
    /// <exception cref="StoreUnavailableException">The folder cannot be written, or holds a newer format.</exception>
    public static Task<IListStore> OpenAsync(string address, TimeProvider time, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
