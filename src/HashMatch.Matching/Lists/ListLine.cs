namespace HashMatch.Matching.Lists;

/// <summary>One line of a list file, or one entry of a stream: either an entry or what is wrong with it.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Entry">Null when the line is bad.</param>
/// <param name="Error">Null when the line is good.</param>
public readonly record struct ListLine(long Line, HashEntry? Entry, string? Error);
