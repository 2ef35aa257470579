namespace HashMatch.Imaging.Workers;

/// <summary>What tests have a worker do, to see that its faults stay its own. Only its parent can ask for it.</summary>
internal enum WorkerDrill
{
    None,

    /// <summary>Try what a confined process must not, and answer with the error number of each.</summary>
    Probe,

    /// <summary>Never answer.</summary>
    Hang,

    /// <summary>End by a fault of native code.</summary>
    Crash,

    /// <summary>Take memory without end.</summary>
    Allocate,

    /// <summary>Answer bytes that are no message.</summary>
    Garbage,

    /// <summary>Answer a message that is no answer.</summary>
    Nonsense,
}
