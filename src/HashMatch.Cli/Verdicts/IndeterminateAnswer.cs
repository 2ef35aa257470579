namespace HashMatch.Cli.Verdicts;

/// <summary>A server could not evaluate an upload, and says what to do with it all the same.</summary>
/// <param name="VerdictId">26 characters.</param>
/// <param name="Reason">As the protos spell it, without the prefix.</param>
/// <param name="Action">Likewise: what was asked for.</param>
internal sealed record IndeterminateAnswer(string VerdictId, string Reason, string Action)
{
    /// <summary>The outcome, likewise.</summary>
    public const string Outcome = "INDETERMINATE";
}
