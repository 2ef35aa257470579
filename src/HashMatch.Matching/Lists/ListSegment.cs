namespace HashMatch.Matching.Lists;

/// <summary>
/// An immutable run of rows, sorted by key, packed into one blob of just under 2 MiB: values in columns by type, then
/// the labels. Notes are read from the store when asked for and are not held here.
/// </summary>
public sealed class ListSegment
{
}
