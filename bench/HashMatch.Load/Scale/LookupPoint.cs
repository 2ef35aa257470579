namespace HashMatch.Load.Scale;

/// <summary>What an index of so many entries was measured to take.</summary>
/// <param name="Entries">In one table.</param>
/// <param name="Microseconds">A query at distance 31, on one core.</param>
/// <param name="BuildSeconds">Of one core.</param>
internal sealed record LookupPoint(double Entries, double Microseconds, double BuildSeconds);
