using System.Security.Claims;
using Grpc.Core;

namespace HashMatch.Server.Access;

/// <summary>Who makes a call.</summary>
public static class Callers
{
    /// <summary>Whom nobody vouches for.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The caller's name, for the audit log and for limits.</summary>
    public static string NameOf(ServerCallContext context) => Of(context).Name;

    /// <summary>The caller of a call.</summary>
    public static Caller Of(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(context.GetHttpContext().User);
    }

    /// <inheritdoc cref="NameOf(ServerCallContext)"/>
    public static string NameOf(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Of(http.User).Name;
    }

    /// <summary>The caller that a principal stands for; nobody when it stands for none of ours.</summary>
    public static Caller Of(ClaimsPrincipal? principal) =>
        principal?.Identity is CallerIdentity { IsAuthenticated: true } identity ? identity.Caller : Caller.Nobody;
}
