using Grpc.Core;

namespace HashMatch.Server.Access;

/// <summary>Who makes a call.</summary>
public static class Callers
{
    /// <summary>Whom nobody vouches for.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The caller's name, for the audit log and for limits.</summary>
    public static string NameOf(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return NameOf(context.GetHttpContext());
    }

    /// <inheritdoc cref="NameOf(ServerCallContext)"/>
    public static string NameOf(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name }
            ? name
            : Anonymous;
    }
}
