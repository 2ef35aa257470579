namespace HashMatch.Load.Scale;

/// <summary>From an upload's hash to its answers; times are milliseconds.</summary>
/// <param name="Uploads">All of them.</param>
/// <param name="Mean">Until the last group has answered.</param>
/// <param name="P50">Likewise.</param>
/// <param name="P99">Likewise.</param>
/// <param name="OneP50">Until one group has answered.</param>
/// <param name="OneP99">Likewise.</param>
internal sealed record ShardsFigures(
    long Uploads, double Mean, double P50, double P99, double OneP50, double OneP99);
