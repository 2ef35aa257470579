namespace HashMatch.Matching;

/// <summary>All that a caller without sight of details is told of matches: that lists of a class asked for
/// something.</summary>
/// <param name="ListClass">As of <see cref="MatchPolicy.ListClass"/>.</param>
/// <param name="Action">What was asked for.</param>
public readonly record struct ClassMatch(string ListClass, MatchAction Action);
