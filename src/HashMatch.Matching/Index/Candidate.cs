using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>An entry within distance, before policy.</summary>
/// <param name="List">Place in <see cref="HashIndex.Lists"/>.</param>
/// <param name="Segment">Where the entry is.</param>
/// <param name="Row">Its row there.</param>
/// <param name="Distance">0 to 63, up to 256 of one that was asked for whatever its distance; 0 for a digest.</param>
public readonly record struct Candidate(int List, ListSegment Segment, int Row, int Distance);
