namespace HashMatch.Load.Scale;

/// <summary>A part of the simulated time.</summary>
/// <param name="Name">For people.</param>
/// <param name="From">Seconds since the start, inclusive.</param>
/// <param name="To">Seconds since the start, exclusive.</param>
internal sealed record Span(string Name, double From, double To);
