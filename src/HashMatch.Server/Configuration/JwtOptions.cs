using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>
/// Callers that show a JSON Web Token, signed by RSA or ECDSA: by an authority whose keys are fetched, or by the keys
/// of a file.
/// </summary>
public sealed record JwtOptions
{
    /// <summary>The issuer's URL, https, where its keys are found (OpenID Connect discovery); null with
    /// `JwksPath`.</summary>
    public string? Authority { get; init; }

    /// <summary>A JSON Web Key Set with the issuer's public keys; a changed file is read anew. Null with
    /// `Authority`.</summary>
    public string? JwksPath { get; init; }

    /// <summary>What `iss` must be; the authority's own with `Authority` unless said otherwise.</summary>
    public string? Issuer { get; init; }

    /// <summary>What `aud` must name.</summary>
    [Required]
    public string Audience { get; init; } = "";

    /// <summary>The claim that holds roles: a list, or words with spaces between. Words that are no roles grant
    /// nothing.</summary>
    [Required]
    public string RoleClaim { get; init; } = "roles";

    /// <summary>How far clocks may be apart.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);
}
