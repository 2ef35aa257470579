namespace HashMatch.Exchanges;

/// <summary>Whose API an exchange speaks.</summary>
public enum ExchangeKind
{
    /// <summary>NCMEC Hash Sharing v2.</summary>
    Ncmec,

    StopNcii,

    /// <summary>Meta ThreatExchange.</summary>
    ThreatExchange,

    /// <summary>Tech Against Terrorism.</summary>
    Tat,
}
