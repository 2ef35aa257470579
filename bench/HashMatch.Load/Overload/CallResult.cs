namespace HashMatch.Load.Overload;

/// <summary>What became of a call.</summary>
internal enum CallResult
{
    /// <summary>The right verdict.</summary>
    Answered,

    /// <summary>RESOURCE_EXHAUSTED.</summary>
    Shed,

    /// <summary>Another error, or none.</summary>
    Failed,

    /// <summary>Another verdict.</summary>
    Wrong,
}
