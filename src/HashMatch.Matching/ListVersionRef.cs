namespace HashMatch.Matching;

/// <summary>Names one version of one list.</summary>
public readonly record struct ListVersionRef(string List, long Version);
