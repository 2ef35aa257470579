namespace HashMatch.Matching.Formats;

/// <summary>A file goes beyond a bound that keeps its reader's memory bounded.</summary>
internal sealed class ListFileException(string message) : IOException(message);
