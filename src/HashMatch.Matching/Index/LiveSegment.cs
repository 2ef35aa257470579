using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>A segment that a list of a snapshot uses.</summary>
/// <param name="List">Place in <see cref="HashIndex.Lists"/>.</param>
/// <param name="View">The segment, and which of its rows are in the list's version.</param>
/// <param name="Start">Row of the part where its rows of one kind, hashes or digests, begin.</param>
/// <param name="Rows">Rows of that kind.</param>
internal readonly record struct LiveSegment(int List, SegmentView View, int Start, int Rows);
