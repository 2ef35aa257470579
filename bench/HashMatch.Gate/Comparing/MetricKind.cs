namespace HashMatch.Gate.Comparing;

/// <summary>What is compared of a case.</summary>
internal enum MetricKind
{
    /// <summary>CPU time of an operation; throughput is its inverse.</summary>
    Time,

    /// <summary>Time of an operation by the wall clock, where several threads take part.</summary>
    Clock,

    /// <summary>99th percentile of the operations.</summary>
    P99,
}
