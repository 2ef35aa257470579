using HashMatch.Matching.Index;

namespace HashMatch.Matching;

/// <summary>An entry of a negative list that is near to a hash of an upload, or equal to a digest of it.</summary>
/// <param name="Entry">Its list is the place of a negative one.</param>
/// <param name="Shadow">Whether its list is a shadow list: it suppresses nothing, and is recorded.</param>
internal sealed record Suppressor(Candidate Entry, bool Shadow);
