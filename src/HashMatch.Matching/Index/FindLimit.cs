namespace HashMatch.Matching.Index;

/// <summary>Bounds what one hash finds, list by list, so that no list's entries push another's out.</summary>
/// <param name="PerList">
/// Most entries of each list: those that ask for what their list does before those that ask for less, then the nearest,
/// by value where they are as near; at least 1.
/// </param>
/// <param name="Now">Entries and lists that have expired by then are passed over.</param>
/// <param name="Upload">A stable hash of the upload, by which lists that look up a sample choose.</param>
public readonly record struct FindLimit(int PerList, DateTimeOffset Now, ulong Upload = 0);
