namespace HashMatch.Load.Scale;

/// <summary>What uploads meet before, during and after a replica's outage; times are milliseconds.</summary>
internal sealed record OutageRow(
    int Replicas,
    double Load,
    string Span,
    long Offered,
    double FailedPercent,
    double ShedPercent,
    double P50,
    double P99);
