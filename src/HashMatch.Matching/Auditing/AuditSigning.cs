namespace HashMatch.Matching.Auditing;

/// <summary>What signing a log came to.</summary>
/// <param name="Made">The checkpoint; null when there was nothing new to sign, or the log is not whole.</param>
/// <param name="Report">What was looked at before; only of a log without faults a checkpoint is made.</param>
public sealed record AuditSigning(AuditCheckpoint? Made, AuditReport Report);
