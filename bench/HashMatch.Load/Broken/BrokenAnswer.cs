namespace HashMatch.Load.Broken;

/// <summary>What became of one file.</summary>
/// <param name="Name">The file's.</param>
/// <param name="Outcome">The verdict and its reason, or the status and reason of an error.</param>
/// <param name="Taken">From the call to its answer, waiting in the server's queue included.</param>
/// <param name="IsDefined">Whether it is an answer that the API promises of any bytes.</param>
internal sealed record BrokenAnswer(string Name, string Outcome, TimeSpan Taken, bool IsDefined);
