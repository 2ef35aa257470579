using System.ComponentModel.DataAnnotations;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using Microsoft.Extensions.Options;

namespace HashMatch.Server.Configuration;

/// <summary>Who may ask what. Without callers and without `Open`, nobody may ask anything but for health.</summary>
public sealed record AccessOptions
{
    /// <summary>Whether a call without a credential has all roles; on loopback alone.</summary>
    public bool Open { get; init; }

    /// <summary>Callers with API keys, by name, beside those of the store.</summary>
    public Dictionary<string, CallerOptions> Callers { get; init; } = [];

    /// <summary>Callers by client certificate; null for none.</summary>
    [ValidateObjectMembers]
    public CertificateOptions? Certificates { get; init; }

    /// <summary>Callers by JSON Web Token; null for none.</summary>
    [ValidateObjectMembers]
    public JwtOptions? Jwt { get; init; }

    /// <summary>Uploads a second of one caller, unless its own definition says otherwise; 0 for any number.</summary>
    [Range(0, CallerDefinition.MaxRate)]
    public int Rate { get; init; }

    /// <summary>When a caller searches for an entry.</summary>
    [Required]
    [ValidateObjectMembers]
    public ProbingOptions Probing { get; init; } = new();
}
