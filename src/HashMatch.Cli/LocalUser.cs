using HashMatch.Matching.Lists;

namespace HashMatch.Cli;

/// <summary>Who runs the tool, as the audit log of a store names it.</summary>
internal static class LocalUser
{
    /// <summary>The system's user, not what the environment says: `local:NAME`.</summary>
    public static string Actor => Person.LocalPrefix + Environment.UserName;
}
