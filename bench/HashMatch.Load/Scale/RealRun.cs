namespace HashMatch.Load.Scale;

/// <summary>An open loop that was measured on a real service, for the simulation to be held against.</summary>
/// <param name="Name">In bench/README.md.</param>
/// <param name="Cores">That decoded.</param>
/// <param name="Milliseconds">Of a core for an upload: the cores by what a closed loop came to.</param>
/// <param name="OfferedPerSecond">At moments of a Poisson process.</param>
/// <param name="AnsweredPerSecond">Measured.</param>
/// <param name="P50">Measured, milliseconds.</param>
/// <param name="P99">Measured, milliseconds.</param>
internal sealed record RealRun(
    string Name, int Cores, double Milliseconds, double OfferedPerSecond, double AnsweredPerSecond, double P50,
    double P99)
{
    /// <summary>2026-11-28, on a quiet machine.</summary>
    public static IReadOnlyList<RealRun> All { get; } =
    [
        new("overload, 0.5x", 1, 1000 / 87.5, 44, 44.5, 18, 74),
        new("overload, 2x", 1, 1000 / 87.5, 175, 80.8, 47, 190),
        new("overload, 10x", 1, 1000 / 87.5, 840, 63.1, 62, 188),
        new("drive 512x512, 0.5", 2, 2000 / 1979.0, 989, 989, 1.98, 7.13),
        new("drive 4000x3000, 0.5", 2, 2000 / 95.1, 47.6, 47.6, 23.7, 50.6),
    ];
}
