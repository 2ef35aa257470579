using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>Parts that become one.</summary>
/// <param name="Inputs">The parts.</param>
/// <param name="Segments">Of them, those that were in use when the merge began.</param>
internal sealed record PartMerge(List<HeldPart> Inputs, IReadOnlyList<ListSegment> Segments);
