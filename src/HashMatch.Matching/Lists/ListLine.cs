namespace HashMatch.Matching.Lists;

/// <summary>
/// One thing that a list file or a stream says: an entry, or what is wrong, or one of the other properties alone.
/// </summary>
/// <param name="Line">From 1: the physical line where it begins, or the place in a stream.</param>
/// <param name="Entry">Null when the line is no entry.</param>
/// <param name="Error">Null when nothing is wrong.</param>
public readonly record struct ListLine(long Line, HashEntry? Entry, string? Error)
{
    /// <summary>An entry that leaves the list, unless a later line says it again.</summary>
    public EntryKey? Removed { get; init; }

    /// <summary>
    /// Values that cannot be matched, by the name that the source has for their type: counted and left out.
    /// </summary>
    public LeftOutCount? LeftOut { get; init; }

    /// <summary>
    /// The source's record that the entry is of. Without an entry: that record is stated anew, and all that was said of
    /// it before is void; its entries follow, and none when the source deleted it.
    /// </summary>
    public string? Record { get; init; }

    /// <summary>Whether nothing behind it was read: the file is broken beyond a line or a record.</summary>
    public bool EndsReading { get; init; }

    /// <summary>Whether it says that a record's earlier entries are void.</summary>
    public bool VoidsRecord => Entry is null && Error is null && Record is not null;
}
