using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>
/// Every name that <see cref="RedisListStore"/> uses. All keys begin with `hm:`. What one script touches shares a hash
/// tag (the part in braces), so it lies in one slot of a cluster; blobs have a tag each, so they spread.
/// </summary>
internal static class RedisKeys
{
    /// <summary>Set: names of lists, those that were deleted too. A name is added before its document exists.
    /// </summary>
    public static readonly RedisKey Lists = "hm:{catalog}:lists";

    /// <summary>Set: names of lists that blobs were ever written for.</summary>
    public static readonly RedisKey BlobOwners = "hm:{catalog}:owners";

    /// <summary>Stream: match events; field `doc`.</summary>
    public static readonly RedisKey Events = "hm:{events}";

    /// <summary>String: where the audit log ends: number, ':' and hash of its last record.</summary>
    public static readonly RedisKey AuditHead = "hm:{audit}:head";

    /// <summary>Stream: the audit log, never trimmed; an id is the record's number and `-0`; field `r`.</summary>
    public static readonly RedisKey AuditLog = "hm:{audit}:log";

    /// <summary>Stream: checkpoints of the audit log; an id is the checkpoint's number and `-0`; field `c`.</summary>
    public static readonly RedisKey AuditCheckpoints = "hm:{audit}:checkpoints";

    /// <summary>String that expires: the place up to which a sender's log is among the events.</summary>
    public static RedisKey EventLog(string log) => $"hm:{{events}}:log:{log}";

    /// <summary>Channel: a message after every change of any list; its text is the list's name.</summary>
    public static readonly RedisChannel Changes = RedisChannel.Literal("hm:changes");

    /// <summary>Hash: a list's document; fields `rev` and `doc`, and `audit`: the record that left it so, which stays
    /// when the list is deleted.</summary>
    public static RedisKey Document(string list) => $"hm:{{l:{list}}}:doc";

    /// <summary>Stream: a list's change log; fields `rev`, `what` and `at` (ticks of UTC).</summary>
    public static RedisKey Log(string list) => $"hm:{{l:{list}}}:log";

    /// <summary>Hash: a group's documents; key to revision, ':' and content.</summary>
    public static RedisKey Documents(string group) => $"hm:{{g:{group}}}:docs";

    /// <summary>Hash: key of a group's document to the record in the audit log that left it so.</summary>
    public static RedisKey AuditedDocuments(string group) => $"hm:{{g:{group}}}:audit";

    /// <summary>String that expires: who holds a lease.</summary>
    public static RedisKey Lease(string name) => $"hm:{{lease:{name}}}";

    /// <summary>Hash: ids of a list's blobs to when they were written (microseconds since 1970, the server's clock).
    /// An id is added before its blob exists and removed after it is gone.</summary>
    public static RedisKey Blobs(string list) => $"hm:{{l:{list}}}:blobs";

    /// <summary>String: a blob.</summary>
    public static RedisKey Blob(string list, string id) => $"hm:{{b:{id}}}:{list}";
}
