namespace HashMatch.Exchanges.Configuration;

/// <summary>What an exchange's API asks for. From the environment, a configuration or a file; never stored.</summary>
public sealed record ExchangeCredentials
{
    /// <summary>NCMEC, Tech Against Terrorism.</summary>
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>StopNCII.</summary>
    public string? SubscriptionKey { get; init; }

    /// <summary>StopNCII: of FetchHashes.</summary>
    public string? FunctionKey { get; init; }

    /// <summary>StopNCII: of SubmitFeedback.</summary>
    public string? FeedbackFunctionKey { get; init; }

    /// <summary>ThreatExchange.</summary>
    public string? AccessToken { get; init; }

    /// <summary>A file of lines `name=value` with any of these; only its owner may read it.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Whether a server fetches the exchange by itself.</summary>
    public bool Enabled { get; init; } = true;

    // A record would print them.
    public override string ToString() => "ExchangeCredentials";
}
