namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>What a player does instead of answering.</summary>
internal enum PlayerFault
{
    None,

    /// <summary>The connection ends in mid-page.</summary>
    Cut,

    /// <summary>The page ends in mid-page, and the connection does not.</summary>
    Half,

    TooMany,
    Failure,

    /// <summary>The page before comes again.</summary>
    Repeat,

    /// <summary>The place is not known any more.</summary>
    Stale,

    /// <summary>The next page is said to be another server's.</summary>
    Lie,

    /// <summary>An error page, with HTTP 200.</summary>
    Nonsense,

    /// <summary>A redirection to another server.</summary>
    Elsewhere,
}
