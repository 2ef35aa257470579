namespace HashMatch.Load.Scale;

/// <summary>What uploads meet while an index is built on one core; times are milliseconds.</summary>
internal sealed record BuildRow(int Cores, double Load, string When, double ShedPercent, double P50, double P99);
