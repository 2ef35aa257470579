namespace HashMatch.Matching.Lists;

/// <summary>A bad line of a list file, or a bad entry of a stream.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Reason">What is wrong, for a person.</param>
public sealed record HashListError(long Line, string Reason);
