using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Lists;

/// <summary>Who counts as one of two persons.</summary>
public static class Person
{
    /// <summary>How the system's user of a tool that works on the store is called: `local:NAME`.</summary>
    public const string LocalPrefix = "local:";

    /// <summary>How an exchange is called.</summary>
    public const string ExchangePrefix = "exchange:";

    /// <summary>How what a server does by itself is called.</summary>
    public const string ServerPrefix = "server:";

    /// <summary>Whom the server calls so, nobody vouches for.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Whether an actor is somebody by name: not anonymous, and no program of ours.</summary>
    public static bool Is(string? actor) =>
        !string.IsNullOrWhiteSpace(actor)
        && actor is not (Anonymous or AuditEntry.Unknown)
        && !actor.StartsWith(ExchangePrefix, StringComparison.Ordinal)
        && !actor.StartsWith(ServerPrefix, StringComparison.Ordinal);

    /// <summary>Whether two actors may be one person: the same name, through a server or on the store.</summary>
    public static bool AreSame(string one, string other) =>
        string.Equals(NameOf(one), NameOf(other), StringComparison.OrdinalIgnoreCase);

    private static string NameOf(string actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return (actor.StartsWith(LocalPrefix, StringComparison.OrdinalIgnoreCase) ? actor[LocalPrefix.Length..] : actor)
            .Trim();
    }
}
