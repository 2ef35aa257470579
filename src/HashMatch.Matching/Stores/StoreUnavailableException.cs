namespace HashMatch.Matching.Stores;

/// <summary>The store does not answer, or not in time. Trying again later can help.</summary>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the change was written and a fail-over of the store may still lose it: what was asked for is
    /// to be looked at, or asked for again.</summary>
    public bool IsUnconfirmed { get; private init; }

    /// <summary>A change that a server acknowledged and none of its replicas.</summary>
    internal static StoreUnavailableException Unconfirmed(string store, Exception why) => new(
        $"{store} has written the change, but no replica confirmed it in time: a fail-over now may lose it. "
        + "Look whether it is there, or ask for it again.", why)
    {
        IsUnconfirmed = true,
    };
}
