namespace HashMatch.Matching.Auditing;

/// <summary>What is to be recorded of a change: all but its place in the log.</summary>
/// <param name="Actor">Who makes it, up to <see cref="MaxNameLength"/> characters; longer names are cut.</param>
/// <param name="Action">A verb: created, activated, approved.</param>
/// <param name="Subject">What is changed: `list:NAME`, or `GROUP:KEY` of a document.</param>
/// <param name="Detail">Of <see cref="AuditDetail"/>: counts, versions, settings; no value of an entry, no secret.
/// </param>
public sealed record AuditEntry(string Actor, string Action, string Subject, string Detail)
{
    /// <summary>Characters of an actor's name, and of a subject's.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Whom nobody vouches for; stands for no person.</summary>
    public const string Unknown = "unknown";

    private const string ListPrefix = "list:";

    /// <summary>The action of a change that leaves nothing of its subject.</summary>
    public const string Deleted = "deleted";

    /// <summary>The group of documents that exchanges are.</summary>
    public const string Exchanges = "exchanges";

    /// <summary>How a list is called.</summary>
    public static string OfList(string name) => ListPrefix + name;

    /// <summary>The name of the list that a subject is; null when it is none.</summary>
    public static string? ListOf(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return subject.StartsWith(ListPrefix, StringComparison.Ordinal) ? subject[ListPrefix.Length..] : null;
    }

    /// <summary>How a document is called.</summary>
    public static string OfDocument(string group, string key) => $"{group}:{key}";
}
