namespace HashMatch.Server.Admission;

/// <summary>Why work is not begun.</summary>
public enum QueueRefusal
{
    None,

    /// <summary>Too much is in line.</summary>
    QueueFull,

    /// <summary>It would not be done in time.</summary>
    DeadlineTooShort,
}
