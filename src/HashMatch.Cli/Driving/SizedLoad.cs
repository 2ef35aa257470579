namespace HashMatch.Cli.Driving;

/// <summary>What a machine does of one kind of call, with the client that makes them on it.</summary>
/// <param name="What">The kind, in words.</param>
/// <param name="Kib">Mean of an upload; null for hashes.</param>
/// <param name="PerSecond">Uploads or hashes answered, closed loop.</param>
/// <param name="ServicePerSecond">What the service would do if it had all processors, by its CPU time: with the callers
/// on other machines.</param>
/// <param name="HalfPerSecond">Uploads or hashes offered at half load.</param>
/// <param name="P50">Latency of a call at half load.</param>
/// <param name="P99">Likewise.</param>
internal sealed record SizedLoad(
    string What,
    double? Kib,
    double PerSecond,
    double ServicePerSecond,
    double HalfPerSecond,
    TimeSpan P50,
    TimeSpan P99);
