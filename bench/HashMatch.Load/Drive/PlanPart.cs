namespace HashMatch.Load.Drive;

/// <summary>The items of a part of a case.</summary>
/// <param name="Weight">Its share of the calls, against the other parts' weights.</param>
/// <param name="Items">One at least.</param>
/// <param name="Listed">Those that must match, which calls carry by the hit rate; none where that is not known, or
/// where items see to it themselves.</param>
internal sealed record PlanPart(double Weight, IReadOnlyList<LoadItem> Items, IReadOnlyList<LoadItem> Listed);
