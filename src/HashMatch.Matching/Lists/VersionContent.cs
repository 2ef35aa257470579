namespace HashMatch.Matching.Lists;

/// <summary>The segments of one version in memory, with the rows that later segments override masked out.</summary>
public sealed class VersionContent
{
}
