namespace HashMatch.Load.Scale;

/// <summary>A way to balance at a load; times are milliseconds.</summary>
internal sealed record BalancingRow(
    Balancing Balancing, int Replicas, int Cores, double Load, double P50, double P99, double P999, double ShedPercent);
