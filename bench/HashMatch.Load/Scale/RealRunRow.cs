namespace HashMatch.Load.Scale;

/// <summary>What was measured, and what the simulation says of the same; times are milliseconds.</summary>
internal sealed record RealRunRow(RealRun Measured, double AnsweredPerSecond, double P50, double P99);
