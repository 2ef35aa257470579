using Grpc.Core;

namespace HashMatch.Load.Hashes;

/// <summary>What came of the measured time.</summary>
/// <param name="Elapsed">The measured time.</param>
/// <param name="Calls">Answered in it.</param>
/// <param name="Latencies">Of those calls, sorted.</param>
internal sealed record HashesFigures(TimeSpan Elapsed, long Calls, TimeSpan[] Latencies)
{
    /// <summary>Failed calls by code, the warm-up's too.</summary>
    public IReadOnlyDictionary<StatusCode, long> Errors { get; init; } = new Dictionary<StatusCode, long>();

    /// <summary>The first wrong answer; null when there was none.</summary>
    public string? Wrong { get; init; }

    /// <summary>The latency that this share of calls did not exceed.</summary>
    public TimeSpan Quantile(double share) => Latencies.Length == 0
        ? TimeSpan.Zero
        : Latencies[Math.Min(Latencies.Length - 1, (int)(Latencies.Length * share))];
}
