using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>One loop against one service, once.</summary>
internal sealed record PhaseFigures
{
    /// <summary>A case's name.</summary>
    public required string Case { get; init; }

    /// <summary>"A" or "B".</summary>
    public required string Target { get; init; }

    /// <summary>From 1.</summary>
    public required int Round { get; init; }

    /// <summary>Share of the closed loop's calls a second; null for the closed loop itself.</summary>
    public double? Load { get; init; }

    /// <summary>Calls a second that were to be made; null for the closed loop.</summary>
    public double? OfferedPerSecond { get; init; }

    public double Seconds { get; init; }

    public long Answered { get; init; }

    /// <summary>Of the case's unit: uploads, hashes or calls.</summary>
    public double PerSecond { get; init; }

    /// <summary>Told to come back later.</summary>
    public long Refused { get; init; }

    public long Failed { get; init; }

    public long Wrong { get; init; }

    public LatencyFigures Latency { get; init; } = new();

    /// <summary>How late the 99th percentile of the calls was made: what this machine adds to the latencies.</summary>
    public double LateP99Ms { get; init; }

    /// <summary>Processors that this process took.</summary>
    public double ClientProcessors { get; init; }

    /// <summary>Likewise the service's process; null when it was not started here.</summary>
    public double? ServerProcessors { get; init; }

    /// <summary>Largest resident memory of it so far; likewise.</summary>
    public double? ServerPeakMib { get; init; }

    /// <summary>Of what a phase came to.</summary>
    public static PhaseFigures Of(
        string name, string target, int round, PhaseRecord record, int itemsOfCall) => new()
        {
            Case = name,
            Target = target,
            Round = round,
            Seconds = record.Elapsed.TotalSeconds,
            Answered = record.Answered,
            PerSecond = record.PerSecond * itemsOfCall,
            Refused = record.Shed + record.Calmed,
            Failed = record.Failed,
            Wrong = record.Wrong,
            Latency = LatencyFigures.Of(record.Latencies),
            LateP99Ms = record.LagAt(99).TotalMilliseconds,
        };
}
