namespace HashMatch.Matching.Auditing;

/// <summary>What was held against the log beside its records.</summary>
/// <param name="Versions">Versions of lists.</param>
/// <param name="Segments">Their segments, each once however many versions share it.</param>
/// <param name="Bytes">Of manifests and segments.</param>
/// <param name="Unstated">For a person: what was written before its digest was stated, so that no record vouches for
/// it; the first <see cref="AuditVerifier.MaxFaults"/>.</param>
/// <param name="UnstatedCount">All of them.</param>
public sealed record AuditContent(
    long Versions, long Segments, long Bytes, IReadOnlyList<string> Unstated, long UnstatedCount);
