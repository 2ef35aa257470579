namespace HashMatch.Matching.Access;

/// <summary>What became of a change of a caller.</summary>
/// <param name="Caller">As it is now, or was before it was removed; null when the change was refused.</param>
/// <param name="Reason">UPPER_SNAKE; empty when it was made.</param>
/// <param name="Message">Why it was refused, for a person.</param>
public sealed record CallerResult(StoredCaller? Caller, string Reason = "", string Message = "");
