using HashMatch.Matching;

namespace HashMatch.Cli.Verdicts;

/// <summary>What became of one upload: a verdict, or a server's word that it could not give one.</summary>
/// <param name="Verdict">Null when it is indeterminate.</param>
/// <param name="Indeterminate">Null when there is a verdict.</param>
internal sealed record UploadAnswer(Verdict? Verdict, IndeterminateAnswer? Indeterminate);
