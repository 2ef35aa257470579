namespace HashMatch.Matching.Stores;

/// <summary>A record of the audit log as a store holds it.</summary>
/// <param name="Place">The number that it is stored under.</param>
/// <param name="Record">Bytes of an <see cref="Auditing.AuditRecord"/>; opaque to the store.</param>
public sealed record StoredAudit(long Place, ReadOnlyMemory<byte> Record);
