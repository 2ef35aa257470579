namespace HashMatch.Matching;

/// <summary>What a verdict says.</summary>
public enum Outcome
{
    /// <summary>Looked up in every enabled list, and in none of them, but for what negative lists suppress.</summary>
    NoKnownMatch,

    /// <summary>A digest is equal.</summary>
    Exact,

    /// <summary>A hash is within a list's threshold.</summary>
    Near,

    /// <summary>Not looked up in every list: there is no hash, or its quality is too low.</summary>
    Unhashable,
}
