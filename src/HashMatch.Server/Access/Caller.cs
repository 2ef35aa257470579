using HashMatch.Matching.Access;

namespace HashMatch.Server.Access;

/// <summary>Who makes a call, and what it may ask.</summary>
public sealed record Caller
{
    /// <summary>The key's name, the certificate's subject, the token's `sub`.</summary>
    public required string Name { get; init; }

    public required CredentialKind Kind { get; init; }

    public required CallerRoles Roles { get; init; }

    /// <summary>Whether it was given sight of details beyond what its roles give.</summary>
    public bool Details { get; init; }

    /// <summary>Uploads a second; null for the setting, 0 for any number.</summary>
    public int? Rate { get; init; }

    /// <summary>From then on its credential is refused; null for as long as it is known.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The id of its API key; null when it has none.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whether it may see more of a verdict than what is to be done: distances, entries, hashes.</summary>
    public bool SeesDetails => Details || (Roles & CallerRoles.SeeDetails) != 0;

    /// <summary>Nobody: no role.</summary>
    public static Caller Nobody { get; } =
        new() { Name = Callers.Anonymous, Kind = CredentialKind.Open, Roles = CallerRoles.None };

    /// <summary>Whoever calls where access is open: every role.</summary>
    public static Caller Anyone { get; } = Nobody with { Roles = CallerRoles.All };
}
