namespace HashMatch.Gate.Comparing;

/// <summary>How much is measured.</summary>
/// <param name="Plan">Rounds.</param>
/// <param name="Pairs">Pairs of slices of a case in a round.</param>
/// <param name="SliceTime">Length of a slice, about.</param>
/// <param name="Budget">No round begins that would not end within this time.</param>
internal sealed record GateProfile(LookPlan Plan, int Pairs, TimeSpan SliceTime, TimeSpan Budget)
{
    public static GateProfile Full { get; } = new(
        new LookPlan(6, 2, 14), 24, TimeSpan.FromMilliseconds(8), TimeSpan.FromMinutes(3.5));

    public static GateProfile Fast { get; } = new(
        new LookPlan(5, 2, 17), 16, TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(2.5));
}
