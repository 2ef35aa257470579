using System.Security.Claims;
using System.Text.Encodings.Web;
using HashMatch.Matching.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace HashMatch.Server.Access;

/// <summary>Knows callers by `authorization: Bearer hm_...` or `x-api-key: hm_...`.</summary>
public sealed class ApiKeyHandler(
    CallerDirectory directory,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The header that holds a key alone.</summary>
    public const string Header = "x-api-key";

    private const string Bearer = "Bearer ";

    /// <summary>Whether a call shows something that is meant for this handler.</summary>
    public static bool IsShown(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Headers.ContainsKey(Header)
            || request.Headers.Authorization is [{ } text] && KeyOf(text) is { } key
                && key.StartsWith(ApiKey.Prefix, StringComparison.Ordinal);
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        StringValues own = Request.Headers[Header];
        StringValues authorization = Request.Headers.Authorization;
        if (own.Count + authorization.Count == 0)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // Of two credentials, nobody knows which one is meant.
        string? text = (own, authorization) switch
        {
            ([{ } key], []) => key,
            ([], [{ } bearer]) => KeyOf(bearer),
            _ => null,
        };
        if (!ApiKey.TryParse(text, out ApiKey? shown))
        {
            return Task.FromResult(AuthenticateResult.Fail(CredentialChecks.Wrong));
        }

        return directory.Find(shown) is { } caller ? Task.FromResult(Success(caller)) : LookAgainAsync(shown);
    }

    private async Task<AuthenticateResult> LookAgainAsync(ApiKey shown) =>
        await directory.FindAgainAsync(shown) is { } caller ? Success(caller)
        : AuthenticateResult.Fail(directory.IsRead ? CredentialChecks.Wrong : CredentialChecks.Unknown);

    private AuthenticateResult Success(ClaimsPrincipal caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name));

    private static string? KeyOf(string authorization) =>
        authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..] : null;
}
