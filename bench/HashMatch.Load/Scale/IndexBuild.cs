namespace HashMatch.Load.Scale;

/// <summary>A replica loads a list and builds its index on one core.</summary>
/// <param name="Replica">From 0.</param>
/// <param name="At">Seconds since the start.</param>
/// <param name="Seconds">Of that core.</param>
internal sealed record IndexBuild(int Replica, double At, double Seconds);
