namespace HashMatch.Load.Scale;

/// <summary>Replicas of one service, and what comes to them.</summary>
internal sealed record FleetOptions
{
    /// <summary>1 or more.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Of each replica, 1 or more.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>Offered to all together: a Poisson process.</summary>
    public double UploadsPerSecond { get; init; }

    /// <summary>One at least.</summary>
    public required IReadOnlyList<UploadKind> Kinds { get; init; }

    /// <summary>Added to what each upload takes of a core.</summary>
    public double LookupMilliseconds { get; init; }

    /// <summary>Of what uploads of a kind take: standard deviation to mean. 0: all the same; 1: exponential.</summary>
    public double Spread { get; init; }

    public Balancing Balancing { get; init; }

    /// <summary>What may wait at a replica; null: anything, which is for comparing with theory.</summary>
    public LineLimits? Line { get; init; } = new();

    /// <summary>Uploads come for so long; then all that is in hand is done.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Spans that are reported on their own; what came outside of them counts in the sums alone.</summary>
    public IReadOnlyList<Span> Spans { get; init; } = [];

    /// <summary>The first replica's end; null: it has none.</summary>
    public Outage? Outage { get; init; }

    /// <summary>Replicas that build an index, each on one core.</summary>
    public IReadOnlyList<IndexBuild> Builds { get; init; } = [];

    public ulong Seed { get; init; } = 1;
}
