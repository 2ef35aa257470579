namespace HashMatch.Benchmarks.Paired;

/// <summary>What a pair took.</summary>
/// <param name="OursMicroseconds">Median of A.</param>
/// <param name="PeerMicroseconds">Median of B.</param>
/// <param name="Ratio">Median over the pairs of B / A: above 1 where A is faster.</param>
/// <param name="Least">The pair that went worst.</param>
/// <param name="Most">The pair that went best.</param>
/// <param name="OursLeast">The quickest of A, in microseconds.</param>
internal readonly record struct PairedResult(
    double OursMicroseconds,
    double PeerMicroseconds,
    double Ratio,
    double Least,
    double Most,
    double OursLeast);
