namespace HashMatch.Matching.Lists;

/// <summary>Values that were left out since nothing here can match them.</summary>
/// <param name="Type">Such as photodna, or whatever else says why.</param>
/// <param name="Count">How many.</param>
public sealed record LeftOutCount(string Type, long Count);
