using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace HashMatch.Server.Access;

/// <summary>Lets in whoever shows no credential, where access is open.</summary>
public sealed class OpenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private static readonly ClaimsPrincipal Anyone = CallerIdentity.PrincipalOf(Caller.Anyone);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        IsLocal(Request.Host.Host)
            ? AuthenticateResult.Success(new AuthenticationTicket(Anyone, Scheme.Name))
            : AuthenticateResult.NoResult());

    // By another name, a page of a browser on this machine reaches the service: its name leads to loopback now.
    private static bool IsLocal(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            && IPAddress.IsLoopback(address));
}
