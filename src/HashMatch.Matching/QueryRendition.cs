namespace HashMatch.Matching;

/// <summary>What was done to an upload's pixels before they were hashed.</summary>
public enum QueryRendition
{
    /// <summary>Nothing.</summary>
    Whole,

    /// <summary>Blended over white by its alpha.</summary>
    OverWhite,

    /// <summary>Blended over black by its alpha.</summary>
    OverBlack,

    /// <summary>A uniform border cut off.</summary>
    Trimmed,
}
