namespace HashMatch.Server.Replica;

/// <summary>Whether the index answers, and why not.</summary>
public enum IndexState
{
    /// <summary>The active versions are not in yet, or the code is still being warmed up.</summary>
    NotReady,

    /// <summary>Loaded, and there is nothing to look up in.</summary>
    NoActiveLists,

    /// <summary>Not in step for longer than the server allows.</summary>
    TooOld,

    /// <summary>It answers.</summary>
    Answers,
}
