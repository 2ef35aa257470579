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

    /// <summary>Whether the change was written, or may have been, and nothing confirms that it stays: what was asked
    /// for is to be looked at, or asked for again.</summary>
    public bool IsUnconfirmed { get; private init; }

    /// <summary>Why a store that answers does not take the change.</summary>
    public StoreRefusal Refusal { get; internal init; }

    /// <summary>Whether the command had left, so that it may be carried out whatever became of its answer.</summary>
    internal bool MayBeDone { get; init; }

    /// <summary>A change that a server acknowledged and none of its replicas.</summary>
    internal static StoreUnavailableException Unconfirmed(string store, Exception why) => new(
        $"{store} has written the change, but no replica confirmed it in time: a fail-over now may lose it. "
        + "Look whether it is there, or ask for it again.", why)
    {
        IsUnconfirmed = true,
    };

    /// <summary>A change whose answer did not come.</summary>
    internal static StoreUnavailableException Unanswered(string store, Exception why) => new(
        $"{store} may have made the change: its answer did not come. Look whether it is there, or ask for it again.",
        why)
    {
        IsUnconfirmed = true,
    };
}
