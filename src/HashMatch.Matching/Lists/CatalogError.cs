namespace HashMatch.Matching.Lists;

/// <summary>Why a change of a list was refused.</summary>
public enum CatalogError
{
    None,

    /// <summary>A field, an entry or a line is bad.</summary>
    Invalid,
    ListNotFound,
    VersionNotFound,
    ListExists,

    /// <summary>Somebody else changed the list in between.</summary>
    LostRace,

    /// <summary>The version was retired, or its content is not whole.</summary>
    VersionNotStaged,
    VersionIsActive,
    NoActiveVersion,
    NothingToRollBack,

    /// <summary>The version's size is too far from the active one's.</summary>
    GuardSizeChange,

    /// <summary>The list needs two persons, and the second one has not approved.</summary>
    NeedsApproval,

    /// <summary>Who staged or proposed something approves it.</summary>
    SelfApproval,

    /// <summary>The list needs two persons, and the caller is nobody by name.</summary>
    NotAPerson,

    /// <summary>There is nothing that waits for approval.</summary>
    NothingToApprove,
}
