namespace HashMatch.Cli.Driving;

/// <summary>What became of a call.</summary>
internal enum CallResult
{
    /// <summary>The right verdict.</summary>
    Answered,

    /// <summary>RESOURCE_EXHAUSTED.</summary>
    Shed,

    /// <summary>Its stream was reset by ENHANCE_YOUR_CALM: the transport holds too many that were refused unread.
    /// gRPC's clients make RESOURCE_EXHAUSTED of it, without a time to retry.</summary>
    Calmed,

    /// <summary>Another error, or none.</summary>
    Failed,

    /// <summary>Another verdict.</summary>
    Wrong,
}
