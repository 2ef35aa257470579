namespace HashMatch.Matching.Lists;

/// <summary>Where a version stands.</summary>
public enum VersionState
{
    /// <summary>Whole and stored, not yet matched against.</summary>
    Staged,

    /// <summary>What uploads are matched against.</summary>
    Active,

    /// <summary>Was active, or was taken out of the running.</summary>
    Retired,
}
