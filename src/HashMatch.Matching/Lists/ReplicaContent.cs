namespace HashMatch.Matching.Lists;

/// <summary>What a replica matches against, as the store named it.</summary>
/// <param name="Lists">Those that have an active version.</param>
/// <param name="InStepAt">When the store was last known to say the same.</param>
internal sealed record ReplicaContent(IReadOnlyList<LoadedList> Lists, DateTimeOffset InStepAt);
