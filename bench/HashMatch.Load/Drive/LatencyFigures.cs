using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>Latencies in milliseconds.</summary>
internal sealed record LatencyFigures
{
    public double P50 { get; init; }

    public double P90 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    public double Most { get; init; }

    public static LatencyFigures Of(Latencies latencies) => new()
    {
        P50 = latencies.At(50).TotalMilliseconds,
        P90 = latencies.At(90).TotalMilliseconds,
        P99 = latencies.At(99).TotalMilliseconds,
        P999 = latencies.At(99.9).TotalMilliseconds,
        Most = latencies.At(100).TotalMilliseconds,
    };
}
