namespace HashMatch.Gate.Comparing;

/// <summary>A line of the table.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Metric">Which figure of it.</param>
/// <param name="Unit">Of base and change.</param>
/// <param name="Base">The base's figure, or the baseline's; null when there is none.</param>
/// <param name="Change">The change's.</param>
/// <param name="Ratio">Change to base; null when there is none.</param>
/// <param name="Low">Lower end of the interval; null where a figure is exact.</param>
/// <param name="High">Upper end.</param>
/// <param name="Rounds">Pairs of processes; 0 where a figure is exact.</param>
/// <param name="Verdict">For a person.</param>
/// <param name="IsFailure">Whether the gate fails by it.</param>
internal sealed record GateRow(
    string Case,
    string Metric,
    string Unit,
    double? Base,
    double? Change,
    double? Ratio,
    double? Low,
    double? High,
    int Rounds,
    string Verdict,
    bool IsFailure);
