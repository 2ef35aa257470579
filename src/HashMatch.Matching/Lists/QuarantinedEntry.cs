namespace HashMatch.Matching.Lists;

/// <summary>An entry of a list that asks for Review at most until somebody releases it.</summary>
/// <param name="Key">Such as `pdq:0123...`.</param>
/// <param name="Since">When it flooded.</param>
/// <param name="Matches">Matches within the window by then, on the replica that saw it.</param>
/// <param name="Expected">What its own rate made of a window.</param>
public sealed record QuarantinedEntry(string Key, DateTimeOffset Since, long Matches, double Expected);
