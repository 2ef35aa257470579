using HashMatch.Matching.Lists;

namespace HashMatch.Matching;

/// <summary>An entry that a query found, once, however many of its hashes found it.</summary>
/// <param name="List">Place in the index's lists.</param>
/// <param name="Segment">Where the entry is.</param>
/// <param name="Row">Its row there.</param>
/// <param name="Distance">0 to 63; 0 for a digest.</param>
/// <param name="Type">What the entry is.</param>
/// <param name="By">The hash that found it; default for a digest.</param>
/// <param name="Suppressor">What keeps it out of the verdict, or would; null when nothing does.</param>
internal readonly record struct FoundEntry(
    int List,
    ListSegment Segment,
    int Row,
    int Distance,
    HashType Type,
    QueryHash By,
    Suppressor? Suppressor = null);
