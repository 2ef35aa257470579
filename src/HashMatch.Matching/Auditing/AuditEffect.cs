namespace HashMatch.Matching.Auditing;

/// <summary>What became of a recorded change.</summary>
public enum AuditEffect
{
    /// <summary>It was made.</summary>
    Done,

    /// <summary>It was not made, and never will be: another change was.</summary>
    Void,

    /// <summary>It was not made so far: it is under way, or its author ended before.</summary>
    Pending,

    /// <summary>The record stands for itself.</summary>
    Noted,

    /// <summary>Cannot be told from what is at hand.</summary>
    Unknown,
}
