using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>A query and what is known of it.</summary>
/// <param name="Hash">The query.</param>
/// <param name="Row">The entry it was planted at; -1 when it is unrelated.</param>
/// <param name="Distance">From that entry; -1 when it is unrelated.</param>
internal readonly record struct PlannedQuery(HashValue Hash, long Row, int Distance);
