using Grpc.Core;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Hashes;

/// <summary>What came of the measured time.</summary>
/// <param name="Elapsed">The measured time.</param>
/// <param name="Calls">Those with hashes.</param>
/// <param name="Uploads">Those beside them.</param>
internal sealed record HashesFigures(TimeSpan Elapsed, Latencies Calls, Latencies Uploads)
{
    /// <summary>Failed calls by code, the warm-up's too.</summary>
    public IReadOnlyDictionary<StatusCode, long> Errors { get; init; } = new Dictionary<StatusCode, long>();

    /// <summary>The first wrong answer; null when there was none.</summary>
    public string? Wrong { get; init; }
}
