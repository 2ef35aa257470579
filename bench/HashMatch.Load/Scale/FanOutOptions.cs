namespace HashMatch.Load.Scale;

/// <summary>What goes to whom, and how fast.</summary>
internal sealed record FanOutOptions
{
    /// <summary>1 or more.</summary>
    public int Replicas { get; init; }

    /// <summary>That each fetches.</summary>
    public double Bytes { get; init; }

    /// <summary>That the store sends a second, to all together.</summary>
    public double StoreBytesPerSecond { get; init; }

    /// <summary>That one replica takes in a second.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Replicas begin at moments of their own, within so many seconds.</summary>
    public double StartWithin { get; init; }

    /// <summary>From the last byte to the new index, in seconds.</summary>
    public double BuildSeconds { get; init; }

    public ulong Seed { get; init; } = 1;
}
