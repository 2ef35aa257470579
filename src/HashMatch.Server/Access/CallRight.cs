using HashMatch.Matching.Access;

namespace HashMatch.Server.Access;

/// <summary>Who may make one call.</summary>
/// <param name="Roles">Any of these.</param>
/// <param name="NeedsDetails">And only if it sees details.</param>
public sealed record CallRight(CallerRoles Roles, bool NeedsDetails = false)
{
    /// <summary>Whether a caller may.</summary>
    public bool Allows(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return (caller.Roles & Roles) != 0 && (!NeedsDetails || caller.SeesDetails);
    }
}
