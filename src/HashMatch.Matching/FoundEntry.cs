using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>An entry that a query found, once, however many of its orientations found it.</summary>
internal readonly record struct FoundEntry(
    int List, ListSegment Segment, int Row, int Distance, HashType Type, Orientation Orientation);
