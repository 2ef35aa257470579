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
}
