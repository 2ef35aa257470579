namespace HashMatch.Imaging.Workers;

/// <summary>Why a worker has ended, or must.</summary>
public enum WorkerEnd
{
    /// <summary>It lives.</summary>
    None,

    /// <summary>By itself, in the middle of a request.</summary>
    Crashed,

    /// <summary>Killed: its request took too long, or was cancelled.</summary>
    Deadline,

    /// <summary>Killed: over its memory limit.</summary>
    Memory,

    /// <summary>Killed: it gave an answer that is none.</summary>
    Nonsense,

    /// <summary>Killed: nobody needs it any more.</summary>
    Retired,
}
