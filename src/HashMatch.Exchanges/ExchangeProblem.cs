namespace HashMatch.Exchanges;

/// <summary>Why an exchange could not be read or told something.</summary>
public enum ExchangeProblem
{
    /// <summary>Nobody configured what the API asks for.</summary>
    NoCredentials,

    /// <summary>The API does not accept the credentials.</summary>
    Unauthorized,

    /// <summary>The API refuses the request.</summary>
    Refused,

    /// <summary>The API says to come back later.</summary>
    RateLimited,

    /// <summary>The API fails by itself.</summary>
    ServerFault,

    /// <summary>No connection, one that was cut, or no answer in time.</summary>
    NotReachable,

    /// <summary>A page is no whole document of the API's shape, or larger than is allowed.</summary>
    BadPage,

    /// <summary>The place in the paging is not known to the API any more.</summary>
    StaleCursor,

    /// <summary>The paging comes to the same place over and over.</summary>
    CursorLoops,

    /// <summary>The API sends to an address that is not its own.</summary>
    ForeignAddress,

    /// <summary>Another process works on the exchange.</summary>
    Busy,

    /// <summary>The list could not be changed.</summary>
    ListRefused,
}
