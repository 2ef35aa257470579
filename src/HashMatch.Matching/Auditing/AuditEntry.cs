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

    /// <summary>Groups of documents that only recorded changes write: such a document is as its last record left it.
    /// An exchange's is not one, since its runs keep their place in it.</summary>
    public static IReadOnlyList<string> StatedGroups { get; } = [Access.CallerCatalog.Group];

    /// <summary>How a list is called.</summary>
    public static string OfList(string name) => $"list:{name}";

    /// <summary>How a document is called.</summary>
    public static string OfDocument(string group, string key) => $"{group}:{key}";
}
