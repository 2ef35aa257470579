using System.Security.Cryptography.X509Certificates;

namespace HashMatch.IntegrationTests.Access;

/// <summary>What a call shows, and what it is worth.</summary>
/// <param name="Kind">Names it for the message of a failure.</param>
/// <param name="Role">The role that it stands for; null when it is refused.</param>
/// <param name="Headers">Of the call.</param>
/// <param name="Certificate">Shown in TLS.</param>
public sealed record Credential(
    string Kind, string? Role, IReadOnlyDictionary<string, string> Headers, X509Certificate2? Certificate = null)
{
    public override string ToString() => Role is null ? Kind : $"{Kind} of {Role}";
}
