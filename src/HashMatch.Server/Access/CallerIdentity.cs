using System.Security.Claims;

namespace HashMatch.Server.Access;

/// <summary>A caller as ASP.NET knows it.</summary>
public sealed class CallerIdentity(Caller caller) : ClaimsIdentity(
    [new Claim(ClaimTypes.Name, caller.Name)], caller.Kind.ToString(), ClaimTypes.Name, ClaimTypes.Role)
{
    public Caller Caller { get; } = caller;

    /// <summary>As itself: caches of ASP.NET keep clones.</summary>
    public override ClaimsIdentity Clone() => new CallerIdentity(Caller);

    /// <summary>The principal that stands for a caller alone.</summary>
    public static ClaimsPrincipal PrincipalOf(Caller caller) => new(new CallerIdentity(caller));
}
