namespace HashMatch.Matching.Lists;

/// <summary>How a list file is read.</summary>
public sealed record ListReadOptions
{
    public ListFileFormat Format { get; init; } = ListFileFormat.Auto;

    /// <summary>Called with the format once it is told, before the first line.</summary>
    public Action<ListFileFormat>? Told { get; init; }

    /// <summary>What 64 hex digits without a type are: Pdq or Sha256.</summary>
    public HashType TextType { get; init; } = HashType.Pdq;

    /// <summary>
    /// Whose meaning the categories of a VICS file have, such as VIC_US or CAID_UK; empty when nobody says.
    /// </summary>
    public string Categories { get; init; } = "";

    /// <summary>
    /// Where the file lies; a database is read from there, and not from the stream. Empty when it has no path.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>Whether values that show nothing pass here, in CSV and plain text: somebody else guards them.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a text can be <see cref="Categories"/>: up to 32 letters, digits, `_` and `-`.</summary>
    public static bool IsRegion(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Formats.VicsCategories.IsName(name);
    }
}
