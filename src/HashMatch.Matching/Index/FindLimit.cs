namespace HashMatch.Matching.Index;

/// <summary>Bounds what one hash finds, list by list, so that no list's entries push another's out.</summary>
/// <param name="PerList">
/// Most entries of each list: those that ask for what their list does before those that ask for less, then the nearest,
/// by value where they are as near; at least 1.
/// </param>
/// <param name="Now">Entries and lists that have expired by then are passed over.</param>
/// <param name="Upload">A stable hash of the upload, by which lists that look up a sample choose.</param>
/// <param name="Held">What knows of entries that ask for Review at most; null when nothing does.</param>
/// <param name="Generation">That of the index.</param>
public readonly record struct FindLimit(int PerList, DateTimeOffset Now, ulong Upload = 0, FloodWatch? Held = null,
    long Generation = 0);
