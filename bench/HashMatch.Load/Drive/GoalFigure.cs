namespace HashMatch.Load.Drive;

/// <summary>What the project wants of A on a machine of two processors, client included, and what came of it.</summary>
/// <param name="What">In words.</param>
/// <param name="Figure">Measured.</param>
/// <param name="Goal">Wanted.</param>
/// <param name="IsLeast">Whether more is better.</param>
internal sealed record GoalFigure(string What, double Figure, double Goal, bool IsLeast)
{
    public bool IsReached => IsLeast ? Figure >= Goal : Figure <= Goal;

    /// <summary>Those of what was measured.</summary>
    public static IEnumerable<GoalFigure> Of(IReadOnlyList<LoadFigures> figures)
    {
        foreach (LoadFigures each in figures.Where(each => each.Target == "A"))
        {
            switch (each)
            {
                case { Case: "512x512:jpeg", Load: null }:
                    yield return new("512x512 JPEG, uploads/s", each.PerSecond, 1500, true);
                    break;
                case { Case: "512x512:jpeg", Load: 0.5 }:
                    yield return new("512x512 JPEG, p99 at half load, ms", each.Latency.P99, 10, false);
                    break;
                case { Case: "4000x3000:jpeg", Load: null }:
                    yield return new("4000x3000 JPEG, uploads/s", each.PerSecond, 120, true);
                    break;
                case { Unit: "hashes", Load: null }:
                    yield return new("MatchHashes, hashes/s", each.PerSecond, 150_000, true);
                    break;
                default:
                    break;
            }
        }
    }
}
