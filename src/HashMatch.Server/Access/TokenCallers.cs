using System.Globalization;
using System.Security.Claims;
using HashMatch.Matching.Access;
using HashMatch.Server.Configuration;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace HashMatch.Server.Access;

/// <summary>Makes callers of JSON Web Tokens.</summary>
internal static class TokenCallers
{
    /// <summary>A JWT's claims for who it is of, and until when.</summary>
    private const string Subject = "sub";
    private const string Expiry = "exp";

    // Public keys alone: with a shared secret, whoever verifies tokens can make them.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void Configure(JwtBearerOptions bearer, JwtOptions options, JwksFile? file)
    {
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.Authority = options.Authority;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = Algorithms,
            NameClaimType = Subject,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuer = true,
            ValidateAudience = true,
            ValidateLifetime = true,
            ValidateIssuerSigningKey = true,
            ClockSkew = options.ClockSkew,
        };
        if (file is not null)
        {
            bearer.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, _, _) => file.Keys;
        }

        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (Of(context.Principal, options) is { } caller)
                {
                    context.Principal = CallerIdentity.PrincipalOf(caller);
                }
                else
                {
                    context.Fail(CredentialChecks.Wrong);
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = context =>
            {
                // What is not about the token is about the authority, whose keys cannot be fetched.
                context.Fail(context.Exception is SecurityTokenException or ArgumentException
                    ? CredentialChecks.Wrong
                    : CredentialChecks.Unknown);
                return Task.CompletedTask;
            },
        };
    }

    private static Caller? Of(ClaimsPrincipal? principal, JwtOptions options)
    {
        string? name = principal?.FindFirstValue(Subject);
        if (principal is null || string.IsNullOrEmpty(name) || name.Length > 256
            || !long.TryParse(principal.FindFirstValue(Expiry), CultureInfo.InvariantCulture, out long expiry))
        {
            return null;
        }

        IEnumerable<string> words = principal.FindAll(options.RoleClaim).SelectMany(claim => claim.Value.Split(' '));
        return new Caller
        {
            Name = name,
            Kind = CredentialKind.Token,
            Roles = RoleWords.Read(words),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(
                Math.Clamp(expiry, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 3600)) + options.ClockSkew,
        };
    }
}
