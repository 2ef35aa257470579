using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Stores;

/// <summary>One line of a list's change log, and what the audit log records of it.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Revision">The revision that the change made.</param>
/// <param name="What">A short verb, behind which a comma and words may follow: created, updated, staged, activated,
/// rolled-back, retired, edited, deleted.</param>
/// <param name="At">When.</param>
public sealed record ListChange(string List, long Revision, string What, DateTimeOffset At)
{
    /// <summary>What the deletion of a list is called.</summary>
    public const string Deleted = "deleted";

    /// <summary>Whether the list was deleted by it, with more said of it or not.</summary>
    public bool IsDeletion => What.Split([' ', ','], 2)[0] == Deleted;

    /// <summary>Who makes the change. Only written.</summary>
    public string Actor { get; init; } = AuditEntry.Unknown;

    /// <summary>As <see cref="AuditDetail"/> spells it. Only written.</summary>
    public string Detail { get; init; } = AuditDetail.None;

    /// <summary>What the audit log records.</summary>
    internal AuditEntry ToAudit() => new(Actor, What.Split(',')[0], AuditEntry.OfList(List), Detail);
}
