using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Stores;

/// <summary>What a list or a document says of the record that left it so.</summary>
/// <param name="Record">Empty when it was never written with one; null when what stands there names none.</param>
/// <param name="State">SHA-256 of a list's document, or as <see cref="AuditRecord.StateOf"/> says; empty when there is
/// none; <see cref="Odd"/> when something is there that no change leaves.</param>
public sealed record AuditedSubject(AuditHead? Record, string State)
{
    /// <summary>The state that no record names.</summary>
    public const string Odd = "odd";
}
