namespace HashMatch.Matching.Index;

/// <summary>A row within distance.</summary>
/// <param name="Row">Of the table that found it.</param>
/// <param name="Distance">0 to 256.</param>
internal readonly record struct NearRow(int Row, int Distance);
