namespace HashMatch.Load.Scale;

/// <summary>What so many uploads against so many entries ask for.</summary>
internal sealed record PlanRow
{
    public double UploadsPerSecond { get; init; }

    public double Entries { get; init; }

    /// <summary>Of a core for an upload, its look-ups included.</summary>
    public double Milliseconds { get; init; }

    /// <summary>At the target load.</summary>
    public double Cores { get; init; }

    /// <summary>All groups' replicas, with one more in each group than the load needs.</summary>
    public int Replicas { get; init; }

    /// <summary>Groups that hold a part of the entries each.</summary>
    public int Groups { get; init; }

    /// <summary>Memory of all replicas, at a reload.</summary>
    public double GiB { get; init; }

    /// <summary>Uploads' bytes, a second.</summary>
    public double Gbits { get; init; }

    /// <summary>Simulated: uploads' milliseconds in a replica at its share of the load, all replicas there.</summary>
    public double P99 { get; init; }

    /// <summary>A whole new version, to all replicas of a group from a Redis of its own.</summary>
    public required FanOutFigures Reload { get; init; }

    /// <summary>One entry, likewise.</summary>
    public required FanOutFigures Edit { get; init; }

    /// <summary>What is over its limit with one group, the worst first.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];
}
