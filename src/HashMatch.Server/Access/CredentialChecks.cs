using Microsoft.AspNetCore.Authentication;

namespace HashMatch.Server.Access;

/// <summary>How a credential is found wanting. Callers are told no more than that it is.</summary>
public static class CredentialChecks
{
    /// <summary>Nobody can say yet whether it is right.</summary>
    public static AuthenticationFailureException Unknown { get; } = new("the callers are not known yet");

    /// <summary>It is not right: unknown, expired, disabled, or no credential at all.</summary>
    public static AuthenticationFailureException Wrong { get; } = new("the credential is not right");
}
