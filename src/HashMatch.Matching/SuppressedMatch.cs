namespace HashMatch.Matching;

/// <summary>A match that a negative list keeps out of the verdict, with the entry that does.</summary>
public sealed record SuppressedMatch
{
    /// <summary>What would have matched.</summary>
    public required Match Match { get; init; }

    /// <summary>Whether the list that would have matched is a shadow list.</summary>
    public required bool MatchIsShadow { get; init; }

    /// <summary>The negative list.</summary>
    public required string ByList { get; init; }

    public required long ByListVersion { get; init; }

    /// <summary>That of the negative list's entry.</summary>
    public required string ByExternalId { get; init; }

    public required HashType ByType { get; init; }

    /// <summary>Of the upload's hash from the negative list's entry; 0 for a digest.</summary>
    public required int ByDistance { get; init; }

    /// <summary>Either of the two lists is a shadow list: the verdict would be the same without this.</summary>
    public required bool Shadow { get; init; }
}
