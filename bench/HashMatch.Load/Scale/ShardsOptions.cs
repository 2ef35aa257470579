namespace HashMatch.Load.Scale;

/// <summary>Uploads that are hashed once and looked up in every group: each holds a part of the entries.</summary>
internal sealed record ShardsOptions
{
    /// <summary>1 or more.</summary>
    public int Groups { get; init; }

    /// <summary>Replicas of each group.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Of each replica.</summary>
    public int Cores { get; init; }

    /// <summary>A Poisson process.</summary>
    public double UploadsPerSecond { get; init; }

    /// <summary>Of a core, for one look-up in one group with its call.</summary>
    public double LookupMilliseconds { get; init; }

    /// <summary>Of that time: standard deviation to mean.</summary>
    public double Spread { get; init; }

    /// <summary>Share of the look-ups that take <see cref="SlowMilliseconds"/> more: a collector, a neighbour.
    /// </summary>
    public double SlowShare { get; init; }

    /// <inheritdoc cref="SlowShare"/>
    public double SlowMilliseconds { get; init; }

    public Balancing Balancing { get; init; }

    /// <summary>Uploads come for so long.</summary>
    public double Seconds { get; init; } = 10;

    public ulong Seed { get; init; } = 1;
}
