namespace HashMatch.Benchmarks.Paired;

/// <summary>One side of a pair.</summary>
/// <param name="Run">What is timed.</param>
/// <param name="Prepare">What must happen before each run and is not timed.</param>
internal sealed record Contender(Action Run, Action? Prepare = null);
