namespace HashMatch.Imaging;

/// <summary>What was done to an upload's pixels before they were hashed.</summary>
public enum RenditionKind
{
    /// <summary>Nothing: colours as stored, alpha not looked at, as other PDQ services do.</summary>
    Whole,

    /// <summary>Blended over white by its alpha.</summary>
    OverWhite,

    /// <summary>Blended over black by its alpha.</summary>
    OverBlack,

    /// <summary>A uniform border cut off.</summary>
    Trimmed,
}
