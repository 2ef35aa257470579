namespace HashMatch.Load.Scale;

/// <summary>What a simulated fleet did.</summary>
/// <param name="Arrived">Uploads that came, counted as they came.</param>
/// <param name="All">The same, counted as they ended.</param>
/// <param name="Spans">As they were asked for.</param>
/// <param name="Utilisation">Of all cores, while uploads came and until the last was done: 0 to 1.</param>
/// <param name="MeanInHand">Uploads in hand, on average over the same time.</param>
/// <param name="Seconds">That time.</param>
internal sealed record FleetFigures(
    long Arrived,
    SpanFigures All,
    IReadOnlyList<SpanFigures> Spans,
    double Utilisation,
    double MeanInHand,
    double Seconds);
