namespace HashMatch.Server.Access;

/// <summary>What vouches for a caller.</summary>
public enum CredentialKind
{
    /// <summary>Nothing: access is open.</summary>
    Open,
    ApiKey,
    Certificate,
    Token,
}
