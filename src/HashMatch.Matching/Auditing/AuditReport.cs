namespace HashMatch.Matching.Auditing;

/// <summary>What verifying a log came to.</summary>
/// <param name="Records">Records that were read.</param>
/// <param name="Head">Where the log ends.</param>
/// <param name="SignedUpTo">The last record that a good checkpoint vouches for; 0 for none.</param>
/// <param name="Faults">The first <see cref="AuditVerifier.MaxFaults"/>, in the order in which they were met.</param>
/// <param name="FaultCount">All of them; 0: the log is whole.</param>
public sealed record AuditReport(
    long Records, AuditHead Head, long SignedUpTo, IReadOnlyList<AuditFault> Faults, long FaultCount)
{
    /// <summary>What was verified beside the records; null where only a log was at hand.</summary>
    public AuditContent? Content { get; init; }
}
