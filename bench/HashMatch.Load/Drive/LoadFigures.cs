namespace HashMatch.Load.Drive;

/// <summary>All rounds of one loop against one service.</summary>
internal sealed record LoadFigures
{
    public required string Case { get; init; }

    /// <summary>Uploads, hashes or calls.</summary>
    public required string Unit { get; init; }

    /// <summary>Pixels of a picture, where every call is one of the same size.</summary>
    public long? Pixels { get; init; }

    /// <summary>Mean of an upload; null where no call is one.</summary>
    public double? KibOfUpload { get; init; }

    public required string Target { get; init; }

    /// <summary>Null for the closed loop.</summary>
    public double? Load { get; init; }

    public double? OfferedPerSecond { get; init; }

    /// <summary>Median of the rounds, of the unit.</summary>
    public double PerSecond { get; init; }

    public double LeastPerSecond { get; init; }

    public double MostPerSecond { get; init; }

    /// <summary>What all processors would do for the client and the service alone, by the CPU time of both: the figure
    /// to look at where other work goes on. Null for a service that was not started here, and for an open loop.
    /// </summary>
    public double? PerSecondByCpu { get; init; }

    /// <summary>Of all rounds' calls.</summary>
    public LatencyFigures Latency { get; init; } = new();
}
