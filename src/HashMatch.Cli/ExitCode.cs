namespace HashMatch.Cli;

/// <summary>What the tool tells a script.</summary>
internal static class ExitCode
{
    /// <summary>Done; for `match`: looked up, and no match.</summary>
    public const int Ok = 0;

    /// <summary>Not done, or not wholly; for `match`: a file could not be looked up, and none matched.</summary>
    public const int Error = 1;

    /// <summary>`match` found a match, whatever became of other files.</summary>
    public const int Match = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM.</summary>
    public const int Terminated = 143;
}
