namespace HashMatch.Matching.Auditing;

/// <summary>A record of a log as somebody looks at it.</summary>
/// <param name="Place">The number that it is stored under.</param>
/// <param name="Record">Null when it is not what was written.</param>
/// <param name="Effect">What became of the change.</param>
public sealed record AuditView(long Place, AuditRecord? Record, AuditEffect Effect);
