namespace HashMatch.Matching.Stores;

/// <summary>What the store holds is not whole: a missing blob, a wrong checksum, an unknown format.</summary>
public sealed class StoreCorruptException : Exception
{
    public StoreCorruptException()
    {
    }

    public StoreCorruptException(string message)
        : base(message)
    {
    }

    public StoreCorruptException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a list that was there is not in the store any more, and no change says so.</summary>
    public bool IsLoss { get; private init; }

    /// <summary>A list that is gone, or whose version is.</summary>
    internal static StoreCorruptException Lost(string message) => new(message) { IsLoss = true };
}
