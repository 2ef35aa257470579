namespace HashMatch.Exchanges;

/// <summary>
/// An exchange did not do what was asked of it. The message names no address with a query, no credential and no hash.
/// </summary>
public sealed class ExchangeException(ExchangeProblem problem, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What went wrong.</summary>
    public ExchangeProblem Problem { get; } = problem;

    /// <summary>How long the API asks to be left alone; null when it says nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether trying again may help.</summary>
    public bool IsTransient => Problem is ExchangeProblem.RateLimited or ExchangeProblem.ServerFault
        or ExchangeProblem.NotReachable or ExchangeProblem.BadPage or ExchangeProblem.ForeignAddress;
}
