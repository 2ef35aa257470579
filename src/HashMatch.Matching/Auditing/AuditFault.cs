namespace HashMatch.Matching.Auditing;

/// <summary>Something in the log that is not as it was written.</summary>
/// <param name="First">The first record that it is about; 0: it is about none.</param>
/// <param name="Last">The last one.</param>
/// <param name="What">For a person: what is wrong, with the records' numbers.</param>
public sealed record AuditFault(long First, long Last, string What);
